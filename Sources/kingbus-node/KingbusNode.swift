import ArgumentParser
import Common
import Logging

@main
struct KingbusNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kingbus-node",
        abstract: "A highly available MySQL binlog server: a replica to the primary, a primary to every replica.",
        discussion: """
            Every option can also be given in the environment (--data-dir as KINGBUS_DATA_DIR) and in the --config file (as data-dir); \
            the flag wins over the environment, and that over the file.

            EXAMPLES
              Pull from db1, keep the log in ./kingbus-data, serve replicas at 127.0.0.1:3307; the password is asked for:
                kingbus-node --upstream mysql://repl@db1:3306
              The same with passwords from files, and a user for replicas:
                kingbus-node --upstream mysql://repl@db1:3306 --upstream-password-file up.txt \\
                  --mysql-listen 0.0.0.0:3307 --replica-user repl --replica-password-file down.txt
              The first of three nodes on three machines; the others differ in --name, and get the same secret file:
                (umask 077; openssl rand -hex 32 > secret)
                kingbus-node --name n1 --initial-cluster n1=kb1:7707,n2=kb2:7707,n3=kb3:7707 --secret-file secret \\
                  --peer-listen 0.0.0.0:7707 --peer-tls-cert n1.pem --peer-tls-key n1.key --peer-tls-ca ca.pem \\
                  --upstream mysql://repl@db1:3306 --upstream-password-file up.txt …
              A fourth one, into the running cluster:
                kingbus-node --name n4 --join https://kb1:8707 --admin-token-file token --secret-file secret …
              Then, on a replica:
                CHANGE REPLICATION SOURCE TO SOURCE_HOST='kingbus', SOURCE_PORT=3307, SOURCE_USER='repl',
                  SOURCE_PASSWORD='…', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1;
            """,
        version: kingbusVersion
    )

    @Option(help: "A YAML file with these options, without their dashes.", completion: .file(extensions: ["yaml", "yml"]))
    var config: String?
    @Option(help: "This node's name in the cluster (default: the host name).")
    var name: String?
    @Option(help: "Where the log and everything else is kept (default: ./kingbus-data).", completion: .directory)
    var dataDir: String?
    @Option(help: "Address for the other nodes (default: 127.0.0.1:7707).")
    var peerListen: String?
    @Option(help: "The peer address as other nodes reach it.")
    var peerAdvertise: String?
    @Option(help: "Address for replicas and clients (default: 127.0.0.1:3307).")
    var mysqlListen: String?
    @Option(help: "The MySQL address as replicas reach it.")
    var mysqlAdvertise: String?
    @Option(help: "Address of the HTTP API (default: 127.0.0.1:8707).")
    var adminListen: String?
    @Option(help: "The admin address as kingbus-ctl reaches it.")
    var adminAdvertise: String?
    @Option(help: "Who begins a new cluster, as n1=host:7707,n2=host:7707,n3=host:7707, the same on every node; the first makes it.")
    var initialCluster: String?
    @Option(help: "Any node of a running cluster, as http://kb1:8707: this node becomes a member and votes once it has caught up.")
    var join: String?
    @Option(help: "The upstream as mysql://user@host:port?ssl-mode=…; used only where the cluster has none yet. Repeat for candidates.")
    var upstream: [String] = []
    @Option(help: "A file with the upstream's password.", completion: .file())
    var upstreamPasswordFile: String?
    @Option(help: "The first user for replicas.")
    var replicaUser: String?
    @Option(help: "A file with that user's password.", completion: .file())
    var replicaPasswordFile: String?
    @Option(help: "Begin after this GTID set instead of the upstream's gtid_purged; on an empty data directory.")
    var startGtidSet: String?
    @Option(help: "Kingbus's server_id, upstream and downstream (default: derived from the cluster's id).")
    var serverId: UInt32?
    @Option(help: "Kingbus's server_uuid (default: derived from the cluster's id).")
    var serverUuid: String?
    @Option(help: "Bytes after which a new segment begins, as 64MiB or 1GiB (default: 1GiB).")
    var segmentSize: String?
    @Option(help: "Free space below which ingest pauses, as 5% or 10GiB (default: 5%).")
    var minFree: String?
    @Option(help: "Without a leader's word for so long, a node campaigns (default: 1000ms).")
    var electionTimeout: String?
    @Option(help: "How often the leader says that it lives (default: 100ms).")
    var heartbeatInterval: String?
    @Option(help: "Among voters that have caught up, the one with the highest number leads; 0 to 100 (default: 50).")
    var leaderPriority: Int?
    @Option(help: "The key for secrets in the log (default: DATA-DIR/secret).", completion: .file())
    var secretFile: String?
    @Option(help: "Certificate of the peer port, PEM; shown to other nodes too.", completion: .file())
    var peerTlsCert: String?
    @Option(help: "Private key of the peer port, PEM.", completion: .file())
    var peerTlsKey: String?
    @Option(help: "The CA that signs the nodes' certificates and nothing else, PEM.", completion: .file())
    var peerTlsCa: String?
    @Option(help: "Certificate of the MySQL port, PEM.", completion: .file())
    var mysqlTlsCert: String?
    @Option(help: "Private key of the MySQL port, PEM.", completion: .file())
    var mysqlTlsKey: String?
    @Flag(help: "Refuse clients of the MySQL port that do not begin TLS.")
    var mysqlRequireTls = false
    @Option(help: "Certificate of the admin port, PEM.", completion: .file())
    var adminTlsCert: String?
    @Option(help: "Private key of the admin port, PEM.", completion: .file())
    var adminTlsKey: String?
    @Option(help: "The CA that signs the certificates of the cluster's admin ports, PEM; for --join https://….", completion: .file())
    var adminTlsCa: String?
    @Option(help: "A file with the token that may change the cluster.", completion: .file())
    var adminTokenFile: String?
    @Option(help: "A file with the token that may only read.", completion: .file())
    var adminReadTokenFile: String?
    @Flag(help: "Listen beyond this machine without TLS, users or tokens.")
    var insecure = false
    @Option(help: "trace, debug, info, notice, warning, error or critical (default: info).")
    var logLevel: String?

    func run() async throws {
        do {
            let configuration = try NodeConfiguration(self)
            try await Node.run(configuration)
        } catch let error as SetupError {
            StandardError.write("kingbus-node: \(error)")
            throw ExitCode(error.exitCode)
        }
    }
}
