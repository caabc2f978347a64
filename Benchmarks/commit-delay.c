// Measures how long after a commit on a primary a replica shows it: commit-delay PRIMARY_PORT REPLICA_PORT USER COUNT FIRST
//
// Commits a row in bench.delay every 20 ms, with ids from FIRST on, or as soon as the one before is seen where that takes longer, and
// asks the replica for the newest row until it is there. Counts from the primary's OK to the replica's answer, so that a question's own
// time is inside; between two questions it sleeps for 0.1 ms, to leave the processor to the servers.
// Prints "P50 P99 QUESTION", in milliseconds; QUESTION is how long the median question takes.
#include "connection.h"

enum { commit_microseconds = 20000, pause_microseconds = 100, most_commits = 100000 };

// A table's newest row; 0 where there is none.
static long newest(struct connection *at) {
    send_query(at, "SELECT MAX(id) FROM bench.delay");
    if (answer(at) != 1) fail("the server did not answer with one column"); // how many there are
    answer(at); // its definition
    answer(at); // the definitions' end
    uint32_t length = packet_length(at);
    if (length < 1 || length > 20) fail("the server sent a strange row");
    uint8_t digits = next_byte(at);
    long value = 0;
    if (digits != null_byte)
        for (; digits > 0; digits--) value = value * 10 + (next_byte(at) - '0');
    answer(at); // the rows' end
    return value;
}

static int compare(const void *one, const void *other) {
    double first = *(const double *)one, second = *(const double *)other;
    return (first > second) - (first < second);
}

static double quantile(const double *sorted, long count, double part) { return sorted[(long)((double)(count - 1) * part + 0.5)] * 1e3; }

int main(int count, char **arguments) {
    program = "commit-delay";
    if (count != 6) {
        fputs("usage: commit-delay PRIMARY_PORT REPLICA_PORT USER COUNT FIRST\n", stderr);
        return 64;
    }
    struct connection *primary = connect_to((uint16_t)atoi(arguments[1]), arguments[3]);
    struct connection *replica = connect_to((uint16_t)atoi(arguments[2]), arguments[3]);
    long commits = atol(arguments[4]), first = atol(arguments[5]);
    if (commits < 1 || commits > most_commits) fail("that many commits are not measured");
    double *delays = calloc((size_t)commits, sizeof *delays), *questions = calloc((size_t)commits, sizeof *questions);
    if (delays == NULL || questions == NULL) fail("no memory");
    for (long number = 0; number < commits; number++) {
        double begun = now();
        char text[100];
        snprintf(text, sizeof text, "INSERT INTO bench.delay VALUES (%ld)", first + number);
        query(primary, text);
        double committed = now(), asked, seen;
        while (true) {
            asked = now();
            bool is_there = newest(replica) >= first + number;
            seen = now();
            if (is_there) break;
            if (seen - committed > 60) fail("the replica has not shown a row within a minute");
            usleep(pause_microseconds);
        }
        delays[number] = seen - committed;
        questions[number] = seen - asked;
        double left = commit_microseconds / 1e6 - (now() - begun);
        if (left > 0) usleep((useconds_t)(left * 1e6));
    }
    qsort(delays, (size_t)commits, sizeof *delays, compare);
    qsort(questions, (size_t)commits, sizeof *questions, compare);
    printf("%.3f %.3f %.3f\n", quantile(delays, commits, 0.5), quantile(delays, commits, 0.99), quantile(questions, commits, 0.5));
    return 0;
}
