-- Changes to what only MariaDB has.
SET NAMES utf8mb4; SET sql_mode=''; USE `sh``op-1`;
UPDATE marias SET i4='9.9.9.9', hidden=7 WHERE id=1; UPDATE marias SET id=20 WHERE id=2; DELETE FROM marias WHERE id=3;
UPDATE marias_nokey SET b=NULL; UPDATE marias_nokey SET v=REPEAT('x',100) WHERE id=1; DELETE FROM marias_nokey WHERE id IN (2,3);
SET GLOBAL log_bin_compress_min_len=10; SET GLOBAL log_bin_compress=ON; INSERT INTO numbers (id,i) VALUES (200,1); UPDATE texts_nokey SET v=REPEAT('compressed ',20) WHERE id<4; SET GLOBAL log_bin_compress=OFF;
CREATE OR REPLACE TABLE made AS SELECT id, v FROM texts; CREATE SEQUENCE seq; SELECT NEXTVAL(seq);
