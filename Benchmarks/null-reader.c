// Drains a binlog server and looks at nothing but packet headers, so that what it measures is the server: null-reader PORT USER
//
// Logs in to 127.0.0.1 without a password and without TLS, asks for everything by GTID (COM_BINLOG_DUMP_GTID with an empty set), events
// as they are stored, and reads up to the end of what is there (BINLOG_DUMP_NON_BLOCK). Prints "SECONDS EVENTS BYTES": from the request
// to the end of the stream, without the login.
#include "connection.h"

static void request_dump(struct connection *to) {
    uint8_t packet[packet_header_bytes + 31] = {0};
    uint8_t *part = packet + packet_header_bytes;
    part[0] = com_binlog_dump_gtid;
    part[1] = dump_non_block | dump_through_gtid;
    part[3] = 0x7f; // server_id
    part[11] = 4; // position, behind an empty file name's length
    part[19] = 8; // bytes of the set: only its count of UUIDs, 0
    to->sequence = 0;
    send_packet(to, packet, 31);
}

static void drain(struct connection *from, uint64_t *events, uint64_t *bytes) {
    bool continued = false;
    while (true) {
        uint32_t length = packet_length(from);
        size_t count = length;
        if (!continued) {
            if (length == 0) fail("the server sent an empty packet");
            uint8_t first = next_byte(from);
            expect_no_error(from, first, length);
            if (first == eof_byte) return;
            if (first != ok_byte) fail("the server sent a packet that is no event");
            *events += 1;
            count--;
        }
        skip(from, count);
        *bytes += count;
        continued = length == max_packet_bytes;
    }
}

int main(int count, char **arguments) {
    program = "null-reader";
    if (count != 3) {
        fputs("usage: null-reader PORT USER\n", stderr);
        return 64;
    }
    struct connection *server = connect_to((uint16_t)atoi(arguments[1]), arguments[2]);
    query(server, "SET @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32'");
    uint64_t events = 0, bytes = 0;
    double begun = now();
    request_dump(server);
    drain(server, &events, &bytes);
    printf("%.4f %llu %llu\n", now() - begun, (unsigned long long)events, (unsigned long long)bytes);
    return 0;
}
