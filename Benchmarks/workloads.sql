-- What scripts/bench makes a primary write. The delimiter is //.
CREATE USER bench@'127.0.0.1' IDENTIFIED BY '' //
GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO bench@'127.0.0.1' //
GRANT SELECT, INSERT ON bench.* TO bench@'127.0.0.1' //
CREATE DATABASE bench //
USE bench //
CREATE TABLE large (id INT AUTO_INCREMENT PRIMARY KEY, body VARBINARY(8000)) //
CREATE TABLE small (id INT AUTO_INCREMENT PRIMARY KEY, body VARBINARY(100)) //
CREATE TABLE delay (id INT PRIMARY KEY) //
CREATE TABLE stop (id INT PRIMARY KEY) //
CREATE TABLE digits (digit INT PRIMARY KEY) //
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9) //
-- Each row is an event of its own, since two would pass binlog_row_event_max_size.
CREATE PROCEDURE write_large(transactions INT)
BEGIN
    WHILE transactions > 0 DO
        INSERT INTO large (body) SELECT REPEAT(SHA2(RAND(), 256), 125) FROM digits;
        SET transactions = transactions - 1;
    END WHILE;
END //
-- The same until a row is in bench.stop, with 10 ms between two transactions: a load that a replica can follow.
CREATE PROCEDURE write_steadily()
BEGIN
    WHILE NOT EXISTS (SELECT * FROM stop) DO
        INSERT INTO large (body) SELECT REPEAT(SHA2(RAND(), 256), 125) FROM digits;
        DO SLEEP(0.01);
    END WHILE;
END //
-- Statements of one row, a TABLE_MAP and a WRITE_ROWS event each; 50 in a transaction.
CREATE PROCEDURE write_small(transactions INT)
BEGIN
    DECLARE statements INT;
    WHILE transactions > 0 DO
        START TRANSACTION;
        SET statements = 50;
        WHILE statements > 0 DO
            INSERT INTO small (body) VALUES (SHA2(statements, 384));
            SET statements = statements - 1;
        END WHILE;
        COMMIT;
        SET transactions = transactions - 1;
    END WHILE;
END //
