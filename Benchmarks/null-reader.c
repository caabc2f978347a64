// Drains a binlog server and looks at nothing but packet headers, so that what it measures is the server: null-reader PORT USER
//
// Logs in to 127.0.0.1 without a password and without TLS, asks for everything by GTID (COM_BINLOG_DUMP_GTID with an empty set), events
// as they are stored, and reads up to the end of what is there (BINLOG_DUMP_NON_BLOCK). Prints "SECONDS EVENTS BYTES": from the request
// to the end of the stream, without the login.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// MySQL source documentation, Protocol Basics: a packet is a 24-bit length, a sequence number, a payload; one of the largest size is
// continued by the next.
enum { packet_header_bytes = 4, max_packet_bytes = 0xffffff };
enum { ok_byte = 0x00, eof_byte = 0xfe, error_byte = 0xff };
enum { com_query = 0x03, com_binlog_dump_gtid = 0x1e };
enum { dump_non_block = 0x01, dump_through_gtid = 0x04 };
enum { client_protocol_41 = 1 << 9, client_transactions = 1 << 13, client_secure_connection = 1 << 15, client_plugin_auth = 1 << 19 };

static uint8_t buffer[256 << 10];
static size_t start, end;
static int server;
static uint8_t sequence;

static void fail(const char *what) {
    fprintf(stderr, "null-reader: %s\n", what);
    exit(EXIT_FAILURE);
}

// Buffers what the server sent next.
static void receive(void) {
    ssize_t count = read(server, buffer, sizeof buffer);
    if (count <= 0) fail(count == 0 ? "the server closed the connection" : "the connection failed");
    start = 0;
    end = (size_t)count;
}

static uint8_t next_byte(void) {
    if (start == end) receive();
    return buffer[start++];
}

static uint32_t packet_length(void) {
    uint32_t length = next_byte();
    length |= (uint32_t)next_byte() << 8;
    length |= (uint32_t)next_byte() << 16;
    sequence = next_byte() + 1;
    return length;
}

static void skip(size_t count) {
    while (count > end - start) {
        count -= end - start;
        receive();
    }
    start += count;
}

static void send_packet(uint8_t *packet, size_t payload_bytes) {
    packet[0] = payload_bytes & 0xff;
    packet[1] = payload_bytes >> 8 & 0xff;
    packet[2] = payload_bytes >> 16 & 0xff;
    packet[3] = sequence;
    size_t count = packet_header_bytes + payload_bytes;
    if (write(server, packet, count) != (ssize_t)count) fail("the connection failed");
}

// Ends with what the server says where that is an error, without its code and SQL state.
static void expect_no_error(uint8_t first, uint32_t length) {
    if (first != error_byte) return;
    char message[512] = "";
    size_t count = 0;
    for (uint32_t index = 1; index < length; index++) {
        char byte = (char)next_byte();
        if (index >= 9 && count < sizeof message - 1) message[count++] = byte;
    }
    fail(message);
}

// Reads a packet whose first byte tells all.
static uint8_t answer(void) {
    uint32_t length = packet_length();
    if (length == 0) fail("the server sent an empty packet");
    uint8_t first = next_byte();
    expect_no_error(first, length);
    skip(length - 1);
    return first;
}

static void connect_to(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int on = 1;
    server = socket(AF_INET, SOCK_STREAM, 0);
    if (server < 0 || connect(server, (struct sockaddr *)&address, sizeof address) != 0) fail("the server cannot be reached");
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// An empty password needs no scramble: the answer is empty whatever the plugin.
static void log_in(const char *user) {
    answer();
    uint8_t packet[256] = {0};
    uint8_t *to = packet + packet_header_bytes;
    uint32_t capabilities = client_protocol_41 | client_transactions | client_secure_connection | client_plugin_auth;
    for (int byte = 0; byte < 4; byte++) *to++ = capabilities >> 8 * byte & 0xff;
    for (int byte = 0; byte < 4; byte++) *to++ = max_packet_bytes >> 8 * byte & 0xff;
    *to++ = 45; // utf8mb4
    to += 23;
    size_t length = strlen(user);
    if (length > 32) fail("the user's name is too long");
    memcpy(to, user, length);
    to += length + 1;
    *to++ = 0; // the empty answer's length
    static const char plugin[] = "caching_sha2_password";
    memcpy(to, plugin, sizeof plugin);
    to += sizeof plugin;
    send_packet(packet, (size_t)(to - packet) - packet_header_bytes);
    uint8_t first = answer();
    if (first == eof_byte) { // use another plugin
        send_packet(packet, 0);
        first = answer();
    }
    if (first != ok_byte) fail("the login takes more than an empty password");
}

static void query(const char *text) {
    uint8_t packet[512];
    size_t length = strlen(text);
    if (length > sizeof packet - packet_header_bytes - 1) fail("the query is too long");
    packet[packet_header_bytes] = com_query;
    memcpy(packet + packet_header_bytes + 1, text, length);
    sequence = 0;
    send_packet(packet, length + 1);
    if (answer() != ok_byte) fail("the server did not answer OK");
}

static void request_dump(void) {
    uint8_t packet[packet_header_bytes + 31] = {0};
    uint8_t *to = packet + packet_header_bytes;
    to[0] = com_binlog_dump_gtid;
    to[1] = dump_non_block | dump_through_gtid;
    to[3] = 0x7f; // server_id
    to[11] = 4; // position, behind an empty file name's length
    to[19] = 8; // bytes of the set: only its count of UUIDs, 0
    sequence = 0;
    send_packet(packet, 31);
}

static void drain(uint64_t *events, uint64_t *bytes) {
    bool continued = false;
    while (true) {
        uint32_t length = packet_length();
        size_t count = length;
        if (!continued) {
            if (length == 0) fail("the server sent an empty packet");
            uint8_t first = next_byte();
            expect_no_error(first, length);
            if (first == eof_byte) return;
            if (first != ok_byte) fail("the server sent a packet that is no event");
            *events += 1;
            count--;
        }
        skip(count);
        *bytes += count;
        continued = length == max_packet_bytes;
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fputs("usage: null-reader PORT USER\n", stderr);
        return 64;
    }
    connect_to((uint16_t)atoi(arguments[1]));
    log_in(arguments[2]);
    query("SET @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32'");
    uint64_t events = 0, bytes = 0;
    double begun = now();
    request_dump();
    drain(&events, &bytes);
    printf("%.4f %llu %llu\n", now() - begun, (unsigned long long)events, (unsigned long long)bytes);
    return 0;
}
