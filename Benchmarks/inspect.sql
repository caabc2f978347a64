-- What scripts/bench-inspect makes a server write. The delimiter is //.
CREATE DATABASE bench //
USE bench //
CREATE TABLE orders (
    id INT AUTO_INCREMENT PRIMARY KEY, customer BIGINT UNSIGNED, name VARCHAR(60), price DECIMAL(12, 2), ratio DOUBLE,
    created DATETIME(6), note VARCHAR(100), state ENUM('new', 'paid', 'sent'), flags TINYINT) //
CREATE TABLE large (id INT AUTO_INCREMENT PRIMARY KEY, body VARCHAR(9000)) //
CREATE TABLE huge (id INT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB) //
-- Statements of 500 rows, then of 200 that are updated: two images each.
CREATE PROCEDURE write_rows(transactions INT)
BEGIN
    WHILE transactions > 0 DO
        INSERT INTO orders (customer, name, price, ratio, created, note, state, flags)
            WITH RECURSIVE n AS (SELECT 1 x UNION ALL SELECT x + 1 FROM n WHERE x < 500)
            SELECT x * 1234567, CONCAT('customer name ', x, ' ü'), x * 1.37, x / 7, NOW(6), REPEAT(CHAR(97 + x % 26), x % 60), 1 + x % 3, x % 100
            FROM n;
        UPDATE orders SET price = price + 1, state = 'paid' WHERE id BETWEEN LAST_INSERT_ID() + 1 AND LAST_INSERT_ID() + 200;
        SET transactions = transactions - 1;
    END WHILE;
END //
CREATE PROCEDURE write_small(transactions INT)
BEGIN
    WHILE transactions > 0 DO
        INSERT INTO orders (customer, name, price, ratio, created, note, state, flags)
            VALUES (transactions * 1234567, CONCAT('customer name ', transactions), transactions * 1.37, transactions / 7, NOW(6),
                REPEAT('n', 100), 1 + transactions % 3, transactions % 100);
        SET transactions = transactions - 1;
    END WHILE;
END //
-- One statement of 8 KB rows.
CREATE PROCEDURE write_transaction(row_count INT)
BEGIN
    SET SESSION cte_max_recursion_depth = row_count;
    INSERT INTO large (body)
        WITH RECURSIVE n AS (SELECT 1 x UNION ALL SELECT x + 1 FROM n WHERE x < row_count) SELECT REPEAT(SHA2(x, 512), 64) FROM n;
    SET SESSION sql_log_bin = 0;
    TRUNCATE large;
    SET SESSION sql_log_bin = 1;
END //
CREATE PROCEDURE write_huge(megabytes INT)
BEGIN
    INSERT INTO huge (body) VALUES (REPEAT(UNHEX('C800FE41'), megabytes << 18));
END //
