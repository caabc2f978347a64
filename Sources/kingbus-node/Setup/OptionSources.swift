import Foundation
import Yams

/// Where an option may stand besides the command line: the environment, then the configuration file.
struct OptionSources {
    private let environment: [String: String]
    private let file: [String: [String]]
    private let path: String

    /// - Parameters:
    ///   - path: the YAML file, or nil.
    ///   - known: the options that may stand in it.
    init(environment: [String: String], path: String?, known: Set<String>) throws {
        self.environment = environment
        self.path = path ?? ""
        guard let path else {
            file = [:]
            return
        }
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw SetupError("the configuration file \(path) cannot be read: \(error.localizedDescription)")
        }
        var values: [String: [String]] = [:]
        let node: Yams.Node?
        do { node = try Yams.compose(yaml: text) } catch {
            throw SetupError("the configuration file \(path) is no YAML: \(error)", exitCode: 64)
        }
        guard let mapping = node?.mapping else {
            guard node == nil || node?.null != nil else {
                throw SetupError(
                    "the configuration file \(path) holds no options; write one a line, as: data-dir: /var/lib/kingbus", exitCode: 64)
            }
            file = [:]
            return
        }
        for (key, value) in mapping {
            guard let name = key.string, known.contains(name) else {
                throw SetupError("\(key.string ?? "a key") in \(path) is no option of kingbus-node", exitCode: 64)
            }
            if let items = value.sequence {
                values[name] = items.compactMap { $0.scalar?.string }
            } else if let scalar = value.scalar {
                values[name] = [scalar.string]
            } else {
                throw SetupError("\(name) in \(path) is neither a value nor a list", exitCode: 64)
            }
        }
        file = values
    }

    /// The option's values: those of the environment (`--data-dir` is KINGBUS_DATA_DIR), else those of the file.
    func values(_ name: String) -> [String] {
        let variable = "KINGBUS_" + name.uppercased().replacing("-", with: "_")
        if let value = environment[variable], !value.isEmpty {
            return name == "upstream" ? value.split(separator: ",").map(String.init) : [value]
        }
        return file[name] ?? []
    }

    func value(_ name: String) -> String? { values(name).last }

    func flag(_ name: String) throws -> Bool {
        guard let text = value(name) else { return false }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw SetupError("\(name) is true or false, not \(text)", exitCode: 64)
        }
    }
}
