-- Partial updates of JSON, compressed transactions and tables made by a SELECT.
SET NAMES utf8mb4; SET sql_mode=''; USE `sh``op-1`;
SET SESSION binlog_row_value_options=PARTIAL_JSON;
UPDATE docs SET j=JSON_SET(j,'$.a',1), k=JSON_SET(k,'$.b.c.d','neu ü','$.a[1]',CAST('x' AS JSON)) WHERE id=2 AND 0;
UPDATE docs SET j=JSON_SET(j,'$.x',1) WHERE id=2; 
UPDATE docs SET k=JSON_REPLACE(k,'$.a[0]','ä''\\') WHERE id=2; UPDATE docs SET k=JSON_REMOVE(k,'$.b.c') WHERE id=2; UPDATE docs SET k=JSON_ARRAY_INSERT(k,'$.a[1]',JSON_OBJECT('new',1.25)) WHERE id=2;
UPDATE docs_nokey SET k=JSON_SET(k,'$.a[6]','changed','$.zz',3) WHERE id=2; UPDATE docs SET j=JSON_SET(j,'$.n',CAST(2.75 AS DECIMAL(10,2)),'$.d','gone') WHERE id=7;
SET SESSION binlog_row_value_options='';
UPDATE docs SET k=JSON_SET(j,'$.q',2) WHERE id IN (2,7); DELETE FROM docs WHERE id IN (1,3,8); DELETE FROM docs_nokey WHERE id IN (1,3,5,7,8,9);
UPDATE vecs_nokey SET w=STRING_TO_VECTOR('[3,4]'); DELETE FROM vecs_nokey WHERE id=2; UPDATE vecs SET v=NULL WHERE id=1;
SET SESSION binlog_transaction_compression=ON; UPDATE texts_nokey SET vb='compressed' WHERE id<4; INSERT INTO numbers (id,i) VALUES (100,1),(101,2); SET SESSION binlog_transaction_compression=OFF;
CREATE TABLE made AS SELECT id, v FROM texts; 
CREATE TABLE gen (a INT PRIMARY KEY, b VARCHAR(10) GENERATED ALWAYS AS (CONCAT('x',1)) VIRTUAL, c INT);
