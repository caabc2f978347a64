-- The types that only MariaDB has, and a generated column, which MariaDB lets a statement name.
SET NAMES utf8mb4; SET sql_mode=''; USE `sh``op-1`;
CREATE TABLE marias (id INT PRIMARY KEY, u UUID, i6 INET6, i4 INET4, b BINARY(16), v VARCHAR(100) CHARACTER SET utf8mb4 COMPRESSED, bc BLOB COMPRESSED, hidden INT INVISIBLE, made VARCHAR(10) GENERATED ALWAYS AS (id) VIRTUAL, kept INT AS (id*2) PERSISTENT);
INSERT INTO marias (id,u,i6,i4,b,v,bc) VALUES (1,'00112233-4455-1677-8899-aabbccddeeff','2001:db8::1','1.2.3.4','xyz',REPEAT('é',90),REPEAT('b',1000)),
(2,'00112233-4455-4677-8899-aabbccddeeff','::1','0.0.0.0','xyz\0','a','b'),(3,'01890a5d-ac96-774b-bcce-b302099a8057',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE marias_nokey AS SELECT id,u,i6,i4,b,v,bc FROM marias;
