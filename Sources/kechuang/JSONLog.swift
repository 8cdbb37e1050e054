import Foundation
import Kernel
import Logging

/// A log of one JSON object a line on standard error, for programs that collect logs.
struct JSONLog: LogHandler {
    let label: String
    var logLevel = Logger.Level.warning
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let now = Date(timeIntervalSince1970: Double(SystemClock().now().microseconds) / 1_000_000)
        var members: [String: JSONValue] = [
            "time": .string(now.ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true))),
            "level": .string(event.level.rawValue), "label": .string(label), "message": .string("\(event.message)"),
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { _, own in own }) {
            let text = "\(value)"
            members[key] =
                ["status", "microseconds", "statements"].contains(key)
                ? Int64(text).map { .integer($0) } ?? .string(text) : .string(text)
        }
        FileHandle.standardError.write(Data("\(JSONValue.object(members).canonicalText)\n".utf8))
    }
}
