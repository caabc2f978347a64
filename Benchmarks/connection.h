// A MySQL connection to 127.0.0.1 for programs that measure: without a password, without TLS, and no more of the protocol than they need.
// What fails ends the program.
#pragma once
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
enum { ok_byte = 0x00, null_byte = 0xfb, eof_byte = 0xfe, error_byte = 0xff };
enum { com_query = 0x03, com_binlog_dump_gtid = 0x1e };
enum { dump_non_block = 0x01, dump_through_gtid = 0x04 };
enum { client_protocol_41 = 1 << 9, client_transactions = 1 << 13, client_secure_connection = 1 << 15, client_plugin_auth = 1 << 19 };

struct connection {
    int socket;
    uint8_t sequence;
    size_t start, end;
    uint8_t buffer[256 << 10];
};

static const char *program;

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", program, what);
    exit(EXIT_FAILURE);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// Buffers what the server sent next.
static void receive(struct connection *from) {
    ssize_t count = read(from->socket, from->buffer, sizeof from->buffer);
    if (count <= 0) fail(count == 0 ? "the server closed the connection" : "the connection failed");
    from->start = 0;
    from->end = (size_t)count;
}

static uint8_t next_byte(struct connection *from) {
    if (from->start == from->end) receive(from);
    return from->buffer[from->start++];
}

static uint32_t packet_length(struct connection *from) {
    uint32_t length = next_byte(from);
    length |= (uint32_t)next_byte(from) << 8;
    length |= (uint32_t)next_byte(from) << 16;
    from->sequence = next_byte(from) + 1;
    return length;
}

static void skip(struct connection *from, size_t count) {
    while (count > from->end - from->start) {
        count -= from->end - from->start;
        receive(from);
    }
    from->start += count;
}

static void send_packet(struct connection *to, uint8_t *packet, size_t payload_bytes) {
    packet[0] = payload_bytes & 0xff;
    packet[1] = payload_bytes >> 8 & 0xff;
    packet[2] = payload_bytes >> 16 & 0xff;
    packet[3] = to->sequence;
    size_t count = packet_header_bytes + payload_bytes;
    if (write(to->socket, packet, count) != (ssize_t)count) fail("the connection failed");
}

// Ends with what the server says where that is an error, without its code and SQL state.
static void expect_no_error(struct connection *from, uint8_t first, uint32_t length) {
    if (first != error_byte) return;
    char message[512] = "";
    size_t count = 0;
    for (uint32_t index = 1; index < length; index++) {
        char byte = (char)next_byte(from);
        if (index >= 9 && count < sizeof message - 1) message[count++] = byte;
    }
    fail(message);
}

// Reads a packet whose first byte tells all.
static uint8_t answer(struct connection *from) {
    uint32_t length = packet_length(from);
    if (length == 0) fail("the server sent an empty packet");
    uint8_t first = next_byte(from);
    expect_no_error(from, first, length);
    skip(from, length - 1);
    return first;
}

// An empty password needs no scramble: the answer is empty whatever the plugin.
static void log_in(struct connection *to, const char *user) {
    answer(to);
    uint8_t packet[256] = {0};
    uint8_t *part = packet + packet_header_bytes;
    uint32_t capabilities = client_protocol_41 | client_transactions | client_secure_connection | client_plugin_auth;
    for (int byte = 0; byte < 4; byte++) *part++ = capabilities >> 8 * byte & 0xff;
    for (int byte = 0; byte < 4; byte++) *part++ = max_packet_bytes >> 8 * byte & 0xff;
    *part++ = 45; // utf8mb4
    part += 23;
    size_t length = strlen(user);
    if (length > 32) fail("the user's name is too long");
    memcpy(part, user, length);
    part += length + 1;
    *part++ = 0; // the empty answer's length
    static const char plugin[] = "caching_sha2_password";
    memcpy(part, plugin, sizeof plugin);
    part += sizeof plugin;
    send_packet(to, packet, (size_t)(part - packet) - packet_header_bytes);
    uint8_t first = answer(to);
    if (first == eof_byte) { // use another plugin
        send_packet(to, packet, 0);
        first = answer(to);
    }
    if (first != ok_byte) fail("the login takes more than an empty password");
}

static struct connection *connect_to(uint16_t port, const char *user) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int on = 1;
    struct connection *new = calloc(1, sizeof *new);
    if (new == NULL) fail("no memory");
    new->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (new->socket < 0 || connect(new->socket, (struct sockaddr *)&address, sizeof address) != 0) fail("the server cannot be reached");
    setsockopt(new->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    log_in(new, user);
    return new;
}

static void send_query(struct connection *to, const char *text) {
    uint8_t packet[512];
    size_t length = strlen(text);
    if (length > sizeof packet - packet_header_bytes - 1) fail("the query is too long");
    packet[packet_header_bytes] = com_query;
    memcpy(packet + packet_header_bytes + 1, text, length);
    to->sequence = 0;
    send_packet(to, packet, length + 1);
}

// Runs a statement that has no result.
static void query(struct connection *to, const char *text) {
    send_query(to, text);
    if (answer(to) != ok_byte) fail("the server did not answer OK");
}
