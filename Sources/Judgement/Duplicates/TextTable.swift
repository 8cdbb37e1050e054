/// Texts with their names, read from lines `id<TAB>text`.
public struct TextTable: Sendable {
    public let names: [String]
    public let texts: [String]

    /// - Parameter bytes: UTF-8; a byte-order mark, a first line `id<TAB>text` and empty lines are passed over. Tabs
    ///   after the first belong to the text.
    /// - Throws: ``LineProblems`` with every bad line: no tab, no name, a name that came before, bytes that are not
    ///   UTF-8.
    public init(_ bytes: [UInt8]) throws(LineProblems) {
        var names: [String] = []
        var texts: [String] = []
        var problems: [LineProblem] = []
        var seen: [String: Int] = [:]
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let body = bytes.starts(with: mark) ? bytes[3...] : bytes[...]
        for (index, raw) in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = index + 1
            let bytes = raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw
            if bytes.isEmpty { continue }
            guard let tab = bytes.firstIndex(of: UInt8(ascii: "\t")) else {
                problems.append(LineProblem(line: line, zh: "缺少制表符：应为“编号<TAB>文本”", en: "no tab; write id<TAB>text"))
                continue
            }
            guard let name = String(validating: bytes[..<tab], as: UTF8.self),
                let text = String(validating: bytes[(tab + 1)...], as: UTF8.self)
            else {
                problems.append(LineProblem(line: line, zh: "不是 UTF-8 文本", en: "not UTF-8"))
                continue
            }
            if index == 0, name == "id", text == "text" { continue }
            if name.isEmpty {
                problems.append(LineProblem(line: line, zh: "缺少编号", en: "the id is missing"))
            } else if let first = seen[name] {
                problems.append(
                    LineProblem(line: line, zh: "编号 \(name) 已见于第 \(first) 行", en: "id \(name) came on line \(first)"))
            } else {
                seen[name] = line
                names.append(name)
                texts.append(text)
            }
        }
        guard problems.isEmpty else { throw LineProblems(problems) }
        self.names = names
        self.texts = texts
    }
}
