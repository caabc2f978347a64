/// Tables of every type, and statements of every shape that one session writes, for servers of both kinds.
enum FlashbackWorkload {
    static let mysqlTables = ["types", "nokey", "ck", "trg", "lg", "parent", "child", "pt", "my-isam", "uq"]
    static let mariaDBTables = mysqlTables + ["sv"]

    private static let trigger =
        "CREATE TRIGGER t1 AFTER UPDATE ON trg FOR EACH ROW INSERT INTO lg(m) VALUES(CONCAT(OLD.n,'->',NEW.n));"

    private static func generated(_ hasThem: Bool) -> String {
        hasThem ? "gv INT AS (t1+1) VIRTUAL, gs INT AS (t1+2) STORED, KEY(gs)," : ""
    }

    /// - Parameter hasExtras: Whether there are generated columns, triggers and MariaDB's versioned rows, which SQL cannot write.
    static func mysqlSetUp(hasExtras: Bool) -> String {
        #"""
        DROP DATABASE IF EXISTS fb;
        CREATE DATABASE fb;
        USE fb;
        SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';
        SET time_zone='+02:00';
        CREATE TABLE types(id INT AUTO_INCREMENT PRIMARY KEY, t1 TINYINT, t2 SMALLINT UNSIGNED, t3 MEDIUMINT, t4 INT UNSIGNED,
            t5 BIGINT UNSIGNED, f1 FLOAT, d1 DOUBLE, n1 DECIMAL(30,10), b1 BIT(13), y YEAR, dt DATE, tm TIME(3), dtt DATETIME(6),
            ts TIMESTAMP(4) NULL, c1 CHAR(20), c2 VARCHAR(300), bn BINARY(8), vb VARBINARY(20), tx TEXT, bl LONGBLOB, e ENUM('a',
            'b','c'), s SET('x','y','z'), j JSON, g GEOMETRY, v VECTOR(3), \#(generated(hasExtras))
            KEY((t1*2)));
        INSERT INTO types(id,t1,t2,t3,t4,t5,f1,d1,n1,b1,y,dt,tm,dtt,ts,c1,c2,bn,vb,tx,bl,e,s,j,g,v) VALUES (0,-128,65535,
            -8388608,4294967295,18446744073709551615,1.1,1e-300,-12345678901234567890.0123456789,b'1010101010101',2026,'2026-11-21',
            '-838:59:59.000','2026-11-21 12:34:56.789012','2026-11-21 12:34:56.7890','char','é漢😀',x'0102000000000000',x'00ff00',
            "te\\xt'\"",REPEAT(x'00ff',5000),'b','x,z','{"a":[1,2.5,null,true],"b":"é"}',ST_GeomFromText('POINT(1 2)'),
            TO_VECTOR('[1,2,3]')), (NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,
            NULL,NULL,NULL,NULL,NULL,NULL,NULL), (5,1,2,3,4,5,3.4028e38,-0.0,0,b'0',1901,'0000-00-00','00:00:00',
            '2004-02-30 00:00:00','1970-01-01 02:00:01','','',x'','','','','a','','[]',NULL,NULL);
        CREATE TABLE nokey(a INT, b VARCHAR(50), f FLOAT, d DOUBLE, j JSON, t TEXT, bn BINARY(4));
        INSERT INTO nokey VALUES(1,'a',1.1,2.2,'{"x":1}','t',x'01'),(1,'A',1.1,2.2,'{"x":1}','t',x'01'),(1,'a',1.1,2.2,
            '{"x":1}','t',x'01'),(NULL,NULL,NULL,NULL,NULL,NULL,NULL);
        CREATE TABLE ck(a INT, b VARCHAR(20), c INT, PRIMARY KEY(b,a));
        INSERT INTO ck SELECT 1,UUID(),3 FROM information_schema.columns LIMIT 500;
        CREATE TABLE trg(a INT PRIMARY KEY, n INT);
        CREATE TABLE lg(id INT AUTO_INCREMENT PRIMARY KEY, m VARCHAR(99));
        \#(hasExtras ? trigger : "")
        INSERT INTO trg VALUES(1,1),(2,2),(3,3);
        CREATE TABLE parent(id INT PRIMARY KEY, x INT);
        CREATE TABLE child(id INT PRIMARY KEY, p INT, FOREIGN KEY(p) REFERENCES parent(id) ON DELETE CASCADE ON UPDATE CASCADE);
        INSERT INTO parent VALUES(1,1),(2,2),(3,3);
        INSERT INTO child VALUES(10,1),(11,1),(20,2),(30,3);
        CREATE TABLE pt(id INT PRIMARY KEY, z INT, q INT) PARTITION BY RANGE(id)(PARTITION p0 VALUES LESS THAN(100), PARTITION
            p1 VALUES LESS THAN(200), PARTITION p2 VALUES LESS THAN MAXVALUE);
        INSERT INTO pt VALUES(1,1,1),(150,2,2),(300,3,3);
        CREATE TABLE `my-isam`(a INT, b TEXT) ENGINE=MyISAM;
        INSERT INTO `my-isam` VALUES(1,'x'),(2,'y');
        CREATE TABLE uq(a INT, u INT NOT NULL, UNIQUE(u));
        INSERT INTO uq VALUES(1,1),(2,2),(3,3);
        """#
    }

    static let mysqlChanges = #"""
        USE fb;
        SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';
        SET time_zone='-05:30';
        UPDATE types SET t1=5,f1=2.2,j=JSON_SET(j,'$.a[0]','changed','$.c',JSON_ARRAY(1,2)),bn=x'ff',ts='2001-01-01 00:00:00.5'
            WHERE id=0;
        UPDATE types SET j='{"new":1}', g=ST_GeomFromText('LINESTRING(0 0,1 1)') WHERE id<>0;
        DELETE FROM types;
        INSERT INTO types(t1,bl) VALUES(9,REPEAT('z',100000));
        BEGIN;
        UPDATE nokey SET f=f*3, b='zz' LIMIT 2;
        INSERT INTO nokey SELECT * FROM nokey;
        DELETE FROM nokey WHERE a=1 LIMIT 3;
        SAVEPOINT s;
        UPDATE nokey SET j='[1]';
        COMMIT;
        UPDATE nokey SET a=a;
        UPDATE ck SET c=c+1;
        UPDATE ck SET a=a+1 ORDER BY a DESC;
        DELETE FROM ck WHERE b<'8';
        UPDATE trg SET n=n+100;
        UPDATE pt, uq SET pt.z=7, uq.a=uq.a+50 WHERE pt.q=uq.u;
        DELETE FROM trg;
        DELETE FROM parent WHERE id=1;
        UPDATE parent SET id=22 WHERE id=2;
        INSERT INTO parent VALUES(5,5);
        UPDATE pt SET id=id+100;
        DELETE FROM pt WHERE id=101;
        INSERT INTO pt VALUES(5,5,5);
        UPDATE `my-isam` SET b='changed';
        DELETE FROM `my-isam` WHERE a=1;
        BEGIN;
        INSERT INTO `my-isam` VALUES(3,'z');
        UPDATE uq SET u=u+10 ORDER BY u DESC;
        COMMIT;
        DELETE FROM uq WHERE a=2;
        REPLACE INTO uq VALUES(9,11),(10,13);
        INSERT INTO uq VALUES(1,13) ON DUPLICATE KEY UPDATE a=77;
        SET binlog_row_value_options=PARTIAL_JSON;
        INSERT INTO nokey(a,j) VALUES(50,'{"k":{"l":[1,2,3,4,5,6,7]},"m":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}');
        UPDATE nokey SET j=JSON_REPLACE(j,'$.k.l[1]',99) WHERE a=50;
        UPDATE nokey SET j=JSON_REMOVE(j,'$.k.l[0]') WHERE a=50;
        INSERT INTO types(id,j) VALUES(70,'{"k":{"l":[1,2,3,4,5,6,7]},"m":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}');
        UPDATE types SET j=JSON_SET(j,'$.k.l[1]',99,'$.n',1) WHERE id=70;
        SET binlog_transaction_compression=ON;
        UPDATE types SET vb='zz';
        INSERT INTO ck SELECT 4,UUID(),3 FROM information_schema.columns LIMIT 900;
        BEGIN;
        DELETE FROM ck WHERE b<'5';
        UPDATE types SET tx='comp';
        COMMIT;
        SET binlog_transaction_compression=OFF;
        SET foreign_key_checks=0;
        INSERT INTO child VALUES(99,99);
        SET foreign_key_checks=1;
        """#

    /// - Parameter hasExtras: as for MySQL.
    static func mariaDBSetUp(hasExtras: Bool) -> String {
        #"""
        DROP DATABASE IF EXISTS fb;
        CREATE DATABASE fb;
        USE fb;
        SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';
        SET time_zone='+02:00';
        CREATE TABLE types(id INT AUTO_INCREMENT PRIMARY KEY, t1 TINYINT, t2 SMALLINT UNSIGNED, t3 MEDIUMINT, t4 INT UNSIGNED,
            t5 BIGINT UNSIGNED, f1 FLOAT, d1 DOUBLE, n1 DECIMAL(30,10), b1 BIT(13), y YEAR, dt DATE, tm TIME(3), dtt DATETIME(6),
            ts TIMESTAMP(4) NULL, c1 CHAR(20) CHARSET utf8mb4, c2 VARCHAR(300) CHARSET utf8mb4, bn BINARY(8), vb VARBINARY(20), tx
            TEXT, bl LONGBLOB, e ENUM('a','b','c'), s SET('x','y','z'), j JSON, g GEOMETRY, u UUID, i6 INET6, i4 INET4, vc
            VARCHAR(500) COMPRESSED, \#(generated(hasExtras)) KEY(t1));
        INSERT INTO types(id,t1,t2,t3,t4,t5,f1,d1,n1,b1,y,dt,tm,dtt,ts,c1,c2,bn,vb,tx,bl,e,s,j,g,u,i6,i4,vc) VALUES (0,-128,
            65535,-8388608,4294967295,18446744073709551615,1.1,1e-300,-12345678901234567890.0123456789,b'1010101010101',2026,
            '2026-11-21','-838:59:59.000','2026-11-21 12:34:56.789012','2026-11-21 12:34:56.7890','char','é漢😀',x'0102000000000000',
            x'00ff00','text',REPEAT(x'00ff',5000),'b','x,z','{"a":[1,2.5,null,true],"b":"e"}',ST_GeomFromText('POINT(1 2)'),UUID(),
            '::1','1.2.3.4',REPEAT('c',400)), (NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,
            NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL), (5,1,2,3,4,5,3.4028e38,-0.0,0,b'0',1901,'0000-00-00',
            '00:00:00','2004-02-30 00:00:00','1970-01-01 02:00:01','','',x'','','','','a','','[]',NULL,NULL,NULL,NULL,NULL);
        CREATE TABLE nokey(a INT, b VARCHAR(50), f FLOAT, d DOUBLE, j JSON, t TEXT, bn BINARY(4)\#(hasExtras ? ", gv INT AS (a*2) VIRTUAL" : ""));
        INSERT INTO nokey(a,b,f,d,j,t,bn) VALUES(1,'a',1.1,2.2,'{"x":1}','t',x'01'),(1,'A',1.1,2.2,'{"x":1}','t',x'01'),(1,'a',
            1.1,2.2,'{"x":1}','t',x'01'),(NULL,NULL,NULL,NULL,NULL,NULL,NULL);
        CREATE TABLE ck(a INT, b VARCHAR(40), c INT, PRIMARY KEY(b,a));
        INSERT INTO ck SELECT seq,UUID(),3 FROM seq_1_to_500;
        CREATE TABLE trg(a INT PRIMARY KEY, n INT);
        CREATE TABLE lg(id INT AUTO_INCREMENT PRIMARY KEY, m VARCHAR(99));
        \#(hasExtras ? trigger : "")
        INSERT INTO trg VALUES(1,1),(2,2),(3,3);
        CREATE TABLE parent(id INT PRIMARY KEY, x INT);
        CREATE TABLE child(id INT PRIMARY KEY, p INT, FOREIGN KEY(p) REFERENCES parent(id));
        INSERT INTO parent VALUES(1,1),(2,2),(3,3);
        INSERT INTO child VALUES(10,1),(11,1),(20,2),(30,3);
        CREATE TABLE pt(id INT PRIMARY KEY, z INT, q INT) PARTITION BY RANGE(id)(PARTITION p0 VALUES LESS THAN(100), PARTITION
            p1 VALUES LESS THAN(200), PARTITION p2 VALUES LESS THAN MAXVALUE);
        INSERT INTO pt VALUES(1,1,1),(150,2,2),(300,3,3);
        CREATE TABLE `my-isam`(a INT, b TEXT) ENGINE=MyISAM;
        INSERT INTO `my-isam` VALUES(1,'x'),(2,'y');
        CREATE TABLE uq(a INT, u INT NOT NULL, UNIQUE(u));
        INSERT INTO uq VALUES(1,1),(2,2),(3,3);
        CREATE TABLE sv(a INT)\#(hasExtras ? " WITH SYSTEM VERSIONING" : "");
        INSERT INTO sv VALUES(1),(2);
        CREATE SEQUENCE sq;
        """#
    }

    static let mariaDBChanges = #"""
        USE fb;
        SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';
        SET time_zone='-05:30';
        SET binlog_format=ROW;
        UPDATE types SET t1=5,f1=2.2,j=JSON_SET(j,'$.a[0]','changed','$.c',JSON_ARRAY(1,2)),bn=x'ff',ts='2001-01-01 00:00:00.5'
            WHERE id=0;
        UPDATE types SET j='{"new":1}', g=ST_GeomFromText('LINESTRING(0 0,1 1)'),vc=REPEAT('d',300),u=UUID() WHERE id<>0;
        DELETE FROM types;
        INSERT INTO types(t1,bl) VALUES(9,REPEAT('z',100000));
        BEGIN;
        UPDATE nokey SET f=f*3, b='zz' LIMIT 2;
        INSERT INTO nokey(a,b,f,d,j,t,bn) SELECT a,b,f,d,j,t,bn FROM nokey;
        DELETE FROM nokey WHERE a=1 LIMIT 3;
        SAVEPOINT s;
        UPDATE nokey SET j='[1]';
        COMMIT;
        UPDATE nokey SET a=a;
        UPDATE ck SET c=c+1;
        UPDATE ck SET a=a+1 ORDER BY a DESC;
        DELETE FROM ck WHERE b<'8';
        UPDATE trg SET n=n+100;
        UPDATE pt, uq SET pt.z=7, uq.a=uq.a+50 WHERE pt.q=uq.u;
        DELETE FROM trg;
        DELETE FROM child WHERE p=1;
        DELETE FROM parent WHERE id=1;
        INSERT INTO parent VALUES(5,5);
        UPDATE pt SET id=id+100;
        DELETE FROM pt WHERE id=101;
        INSERT INTO pt VALUES(5,5,5);
        UPDATE `my-isam` SET b='changed';
        DELETE FROM `my-isam` WHERE a=1;
        INSERT INTO `my-isam` VALUES(3,'z');
        UPDATE uq SET u=u+10 ORDER BY u DESC;
        DELETE FROM uq WHERE a=2;
        REPLACE INTO uq VALUES(9,11),(10,13);
        INSERT INTO uq VALUES(1,13) ON DUPLICATE KEY UPDATE a=77;
        SET GLOBAL log_bin_compress=ON;
        INSERT INTO ck SELECT seq+9000,UUID(),3 FROM seq_1_to_900;
        UPDATE types SET tx=REPEAT('q',9000);
        DELETE FROM ck WHERE b<'5';
        SET GLOBAL log_bin_compress=OFF;
        SET foreign_key_checks=0;
        INSERT INTO child VALUES(99,99);
        SET foreign_key_checks=1;
        INSERT INTO types(id) VALUES(-7);
        """#
}
