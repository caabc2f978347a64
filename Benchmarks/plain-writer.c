// Writes a new file in pieces of 1 MiB, each made durable by fdatasync before the next is written: plain-writer FILE BYTES
//
// What is written is not compressible zeros but bytes of a generator, as some disks know zeros.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { piece_bytes = 1 << 20 };

static _Noreturn void fail(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

int main(int count, char **arguments) {
    static uint64_t piece[piece_bytes / sizeof(uint64_t)];
    if (count != 3) {
        fputs("usage: plain-writer FILE BYTES\n", stderr);
        return 64;
    }
    uint64_t state = 1;
    for (size_t index = 0; index < sizeof piece / sizeof *piece; index++)
        piece[index] = state = state * 6364136223846793005u + 1442695040888963407u;
    int file = open(arguments[1], O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0) fail(arguments[1]);
    for (long long left = atoll(arguments[2]); left > 0;) {
        size_t next = left < piece_bytes ? (size_t)left : piece_bytes;
        if (write(file, piece, next) != (ssize_t)next || fdatasync(file) != 0) fail(arguments[1]);
        left -= (long long)next;
    }
    return 0;
}
