-- Statements that depend on the session that they run in.
SET NAMES utf8mb4; SET sql_mode='NO_ENGINE_SUBSTITUTION'; SET time_zone='+00:00';
CREATE DATABASE `st-1` CHARACTER SET utf8mb4; USE `st-1`;
CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(500) CHARACTER SET utf8mb4, n DOUBLE, t DATETIME(6), ts TIMESTAMP(6) NULL) ;
SET SESSION binlog_format=STATEMENT;
SET @`na``me`='ü''\\', @n=1.5, @i=-3, @d=0.1e0, @nul=NULL, @bin=x'00ff', @g=_gbk x'd6d0', @u=18446744073709551615;
INSERT INTO a (v,n,t,ts) VALUES (@`na``me`,@n,NOW(6),'2020-01-01 00:00:00');
INSERT INTO a (v,n) VALUES (CONCAT(@i,'|',@d,'|',COLLATION(@g),'|',HEX(@g),'|',@u,'|',HEX(@bin),'|',COLLATION(@bin),'|',COERCIBILITY(@g)),@d),(@nul,NULL);
SET @c=_utf8mb4'É' COLLATE utf8mb4_bin; INSERT INTO a (v) VALUES (CONCAT(COLLATION(@c),@c='é'));
SET timestamp=1600000000.123456; SET time_zone='-05:00'; INSERT INTO a (v,t,ts) VALUES (NOW(6),NOW(6),NOW(6)); SET time_zone='+00:00'; SET timestamp=DEFAULT;
INSERT INTO a (v,n) VALUES ('rand',RAND()),('rand',RAND());
SET auto_increment_increment=7, auto_increment_offset=3; INSERT INTO a (v) VALUES ('x'),('y'); SET auto_increment_increment=1,auto_increment_offset=1;
SET INSERT_ID=1000; INSERT INTO a (v) VALUES ('thousand'); INSERT INTO a (v,n) VALUES ('last',LAST_INSERT_ID());
SET sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT'; INSERT INTO "a" ("v") VALUES ('a' || 'b"c'); SET sql_mode='NO_BACKSLASH_ESCAPES'; INSERT INTO a (v) VALUES ('back\'); SET sql_mode='NO_ENGINE_SUBSTITUTION';
INSERT INTO a (v) VALUES ("it's; \"double\"; \\ 'x' \n"); -- comment
INSERT INTO a (v) VALUES ('semi;colon') /* end */;
INSERT INTO a (v) VALUES ('delimiter x'); INSERT INTO a (v) VALUES ('$$ // ; DELIMITER ;');
SET lc_time_names='de_DE'; INSERT INTO a (v) VALUES (DATE_FORMAT('2020-03-01','%M %W')); SET lc_time_names='en_US';
-- Here stand statements in other charsets.
CREATE TABLE `ü\b` (`d;\` INT, ts TIMESTAMP NULL DEFAULT '2020-01-01 00:00:00'); INSERT INTO `ü\b` (`d;\`) VALUES (1),(2); UPDATE `ü\b` SET `d;\`=5 ORDER BY `d;\` LIMIT 1;
CREATE TEMPORARY TABLE tmp (x INT); INSERT INTO tmp VALUES (1),(2); INSERT INTO a (n) SELECT x FROM tmp; DROP TEMPORARY TABLE tmp;
DELIMITER $$
CREATE PROCEDURE p(IN q INT) BEGIN INSERT INTO a (v,n) VALUES ('proc; //', q); INSERT INTO a (v) VALUES ('second'); END$$
CREATE TABLE trg (d INT)$$
CREATE TRIGGER tr BEFORE INSERT ON trg FOR EACH ROW BEGIN SET NEW.d=NEW.d+1; END$$
CREATE FUNCTION f(q INT) RETURNS INT DETERMINISTIC BEGIN RETURN q*2; END$$
DELIMITER ;
CALL p(5); INSERT INTO trg VALUES (f(10)); INSERT INTO `ü\b` (`d;\`) VALUES (f(10));
CREATE VIEW vw AS SELECT id FROM a;
BEGIN; INSERT INTO a (v) VALUES ('t1'); SAVEPOINT sp; INSERT INTO a (v) VALUES ('t2'); ROLLBACK TO sp; 
COMMIT; SET SESSION binlog_format=MIXED;
BEGIN; INSERT INTO a (v) VALUES ('stmt'); INSERT INTO a (v) VALUES (UUID()); INSERT INTO a (v) VALUES ('stmt2'); COMMIT;
SET foreign_key_checks=0; CREATE TABLE fk (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES nowhere(id)); INSERT INTO fk VALUES (1,1); SET foreign_key_checks=1;
ALTER TABLE a ADD COLUMN extra INT DEFAULT 7, ADD INDEX (n); RENAME TABLE fk TO fk2; TRUNCATE TABLE fk2;
CREATE DATABASE `st-2`; USE `st-2`; CREATE TABLE t (i INT); DROP DATABASE `st-2`; CREATE DATABASE `st-2`; USE `st-2`; CREATE TABLE t (i INT); DROP DATABASE `st-2`; USE `st-1`;
SET SESSION binlog_format=ROW; CREATE TABLE ctas AS SELECT id, v FROM a; 
CREATE USER IF NOT EXISTS someone@localhost; DROP USER someone@localhost;
