public import Proof

/// Reads an exported log line by line and checks it with nothing but public keys: that its leaves are complete and in
/// order, and that every checkpoint in it names their root. Holds no more than the right edge of the tree.
public struct LogVerifier: Sendable {
    static let format = "kechuang-log-1"
    private static let leafStart = Array("{\"index\":".utf8)
    private static let leafMiddle = Array(",\"leaf\":".utf8)

    /// The keys given, and those that the log itself named under a checkpoint that holds.
    public private(set) var keys: LogKeys
    /// What does not hold, in the order in which it was found.
    public private(set) var faults: [LogFault] = []
    /// Checkpoints that hold.
    public private(set) var checkpoints = 0
    /// The last checkpoint that holds.
    public private(set) var last: Checkpoint?
    /// Events in clear that somebody asked to keep, by kind.
    public private(set) var events: [(index: Int, event: JSONValue)] = []

    /// Leaves so far.
    public var leaves: Int { tree.size }

    private var tree = GrowingTree()
    private var line = 0
    private var isBroken = false
    private var named: [(index: Int, key: NoteVerifier)] = []
    private var signed: [Int: Checkpoint] = [:]
    private var held: [Int: Checkpoint]
    private let kinds: Set<String>

    /// - Parameters:
    ///   - held: checkpoints that the reader has from elsewhere; their signatures are known to be good.
    ///   - kinds: of public events to keep in ``events``.
    public init(keys: LogKeys, held: [Checkpoint] = [], keeping kinds: Set<String> = []) {
        self.keys = keys
        self.held = Dictionary(held.map { ($0.size, $0) }, uniquingKeysWith: { first, _ in first })
        self.kinds = kinds
    }

    /// Takes one line without its line break.
    public mutating func take(_ bytes: some RandomAccessCollection<UInt8>) {
        line += 1
        if bytes.starts(with: LogVerifier.leafStart) { return leaf(bytes) }
        guard let json = try? JSONValue(parsing: Array(bytes)) else {
            return note("log.line", "第 \(line) 行无法读取", "line \(line) cannot be read")
        }
        if let text = json["checkpoint"]?.string { return checkpoint(text) }
        guard line == 1, json["format"]?.string == LogVerifier.format else {
            return note("log.line", "第 \(line) 行不是日志内容", "line \(line) is no part of a log")
        }
        if json["origin"]?.string != keys.origin {
            note("log.other", "这是另一个日志", "this is another log, \(json["origin"]?.string ?? "")")
        }
    }

    /// Ends the log.
    public mutating func finish() {
        if last?.size != tree.size, !isBroken {
            note(
                "log.unsigned-end", "日志末尾没有检查点（第 \(last?.size ?? 0) 条之后）",
                "the end of the log, after leaf \((last?.size ?? 0) - 1), is under no checkpoint that holds")
        }
        for size in held.keys.sorted() where size > tree.size {
            note(
                "log.shortened", "日志只有 \(tree.size) 条，而您持有 \(size) 条的检查点：末尾被删",
                "the log has \(counted(tree.size, "leaf", "leaves")), but you hold a checkpoint of \(size): its end was removed"
            )
        }
    }

    /// Whether a checkpoint was signed that covers one leaf and not yet another.
    public func hasCheckpoint(after index: Int, before later: Int) -> Bool {
        signed.keys.contains { $0 > index && $0 <= later }
    }

    private mutating func note(_ code: String, _ zh: String, _ en: String) {
        // One broken log can have millions of faults; the first tell what happened.
        if faults.count < 20 { faults.append(LogFault(code, Bilingual(zh, en))) }
    }

    /// The leaf's bytes are hashed as they stand in the line, so that no reading of them can differ from another's.
    private mutating func leaf(_ bytes: some RandomAccessCollection<UInt8>) {
        var at = bytes.index(bytes.startIndex, offsetBy: LogVerifier.leafStart.count)
        var index = 0
        while at < bytes.endIndex, (48...57).contains(bytes[at]), index < 1 << 50 {
            index = index * 10 + Int(bytes[at] - 48)
            at = bytes.index(after: at)
        }
        guard bytes[at...].starts(with: LogVerifier.leafMiddle), bytes.last == UInt8(ascii: "}") else {
            return note("log.line", "第 \(line) 行无法读取", "line \(line) cannot be read")
        }
        let text = bytes[bytes.index(at, offsetBy: LogVerifier.leafMiddle.count)...].dropLast()
        if index != tree.size, !isBroken {
            isBroken = true
            if index > tree.size {
                note(
                    "leaf.missing", "缺少第 \(tree.size) 条（第 \(line) 行是第 \(index) 条）",
                    "leaf \(tree.size) is missing: line \(line) has leaf \(index)")
            } else {
                note(
                    "leaf.order", "第 \(line) 行是第 \(index) 条，应为第 \(tree.size) 条：顺序被改或重复",
                    "line \(line) has leaf \(index) where leaf \(tree.size) belongs: reordered or repeated")
            }
        }
        if text.count > 80 { clear(Array(text)) }
        tree.append(TreeHash.leaf(text))
        if let mine = held[tree.size], mine.root != tree.root, !isBroken {
            note(
                "log.forked", "您持有的 \(mine.size) 条检查点与本日志不符：日志分叉",
                "the checkpoint of \(counted(mine.size, "leaf", "leaves")) that you hold names another root than this log: it was forked"
            )
        }
    }

    /// A leaf with an event in clear.
    private mutating func clear(_ text: [UInt8]) {
        guard let json = try? JSONValue(parsing: text, fractions: true), let event = json["event"],
            let kind = event["kind"]?.string
        else { return }
        if kind == "record.key-added", let key = try? NoteVerifier(parsing: event["content"]?["key"]?.string ?? "") {
            named.append((tree.size, key))
        }
        if kinds.contains(kind) { events.append((tree.size, event)) }
    }

    private mutating func checkpoint(_ text: String) {
        let found: Checkpoint
        do throws(LogFault) {
            found = try keys.checkpoint(text)
        } catch {
            return note(error.code, "第 \(line) 行：\(error.message.zh)", "line \(line): \(error.message.en)")
        }
        if let other = signed[found.size], other != found {
            return note(
                "log.forked", "有两个 \(found.size) 条的检查点互相矛盾：日志分叉",
                "two checkpoints of \(counted(found.size, "leaf", "leaves")) disagree: the log was forked")
        }
        signed[found.size] = found
        guard found.size == tree.size else {
            guard !isBroken else { return }
            isBroken = true
            return note(
                "leaf.count", "第 \(line) 行的检查点有 \(found.size) 条，日志到此有 \(tree.size) 条：有条目被删或被加",
                "the checkpoint in line \(line) counts \(counted(found.size, "leaf", "leaves")), the log \(tree.size) up to there: "
                    + "some were removed or added after leaf \(last?.size ?? 0)")
        }
        guard found.root == tree.root else {
            guard !isBroken else { return }
            isBroken = true
            return note(
                "leaf.changed",
                "第 \(last?.size ?? 0) 至 \(found.size - 1) 条与 \(found.size) 条的检查点不符：有内容被改动或调换",
                "leaves \(last?.size ?? 0) to \(found.size - 1) are not those that the checkpoint of \(found.size) "
                    + "leaves was signed for: something was changed or exchanged")
        }
        guard !isBroken else { return }
        checkpoints += 1
        last = found
        for (index, key) in named where index < found.size && !keys.keys.contains(where: { $0.key == key }) {
            keys.keys.append(LogKeys.Entry(key: key, until: nil))
        }
        named.removeAll { $0.index < found.size }
    }
}
