import Common
import Glibc

/// Who logs in to a server, from all the places where users of MySQL's tools keep it.
///
///     let credentials = try Credentials(for: url, passwordFile: passwordFile)
///     if let warning = credentials.warning { tell(warning) }
///     let connection = try MySQLConnection(to: credentials.url, password: credentials.password)
///
/// The password comes from `--password-file`, else from the URL, from `MYSQL_PWD`, from `~/.my.cnf`, or from a person at the terminal. The
/// user is the URL's, else that of `~/.my.cnf`.
public struct Credentials: Sendable {
    /// Names the user, and holds no password.
    public var url: MySQLURL
    /// Nil for none.
    public var password: SecretBytes?
    /// What the user should be told.
    public var warning: String?

    /// - Parameters:
    ///   - passwordFile: what `--password-file` says.
    ///   - asks: whether a person may be asked.
    /// - Throws: ``ClientError`` with the code `refused` of a login that cannot be tried.
    public init(for url: MySQLURL, passwordFile: String? = nil, asks: Bool = true) throws(ClientError) {
        let home = getenv("HOME").map { String(cString: $0) }
        try self.init(
            for: url, passwordFile: passwordFile, variable: getenv("MYSQL_PWD").map { SecretBytes(Array(String(cString: $0).utf8)) },
            optionFile: home.flatMap { OptionFile(path: $0 + "/.my.cnf") }, ask: asks ? PasswordInput.ask : { _ in nil })
    }

    init(
        for url: MySQLURL, passwordFile: String?, variable: SecretBytes?, optionFile: OptionFile?, ask: (String) -> SecretBytes?
    ) throws(ClientError) {
        self.url = url
        self.url.password = nil
        let endpoint = HostPort(host: url.host, port: url.port).description
        if url.user.isEmpty {
            guard let user = optionFile?.user, !user.isEmpty else {
                throw ClientError(
                    .refused(.accessDenied), at: endpoint, "nobody is named who logs in",
                    hint: "write mysql://user@host:port, or user=… below [client] in ~/.my.cnf")
            }
            self.url.user = user
        }
        if let passwordFile {
            do { password = try PasswordInput.read(file: passwordFile) } catch {
                throw ClientError(.refused(.accessDenied), at: endpoint, "--password-file \(error)")
            }
        } else if let password = url.password {
            self.password = SecretBytes(Array(password.utf8))
            warning = "a password in a URL can be seen by others; use --password-file, MYSQL_PWD or ~/.my.cnf"
        } else if let variable {
            password = variable
        } else if let optionFile, let password = optionFile.password, optionFile.user ?? self.url.user == self.url.user {
            self.password = password
        } else {
            password = ask("Password of \(self.url.user) at \(endpoint): ")
        }
    }
}
