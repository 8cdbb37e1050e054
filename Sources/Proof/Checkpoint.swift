/// What a log says of itself at one size (C2SP tlog-checkpoint): its name, the number of its leaves, their root.
public struct Checkpoint: Hashable, Sendable {
    /// The name of the log.
    public let origin: String
    /// Leaves.
    public let size: Int
    public let root: TreeHash

    public init(origin: String, size: Int, root: TreeHash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Reads the text of a note; further lines are allowed and passed over.
    public init(parsing text: String) throws(NoteError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, !lines[0].isEmpty else { throw .malformed("a checkpoint has three lines") }
        guard let size = Int(lines[1]), size >= 0, String(size) == lines[1] else {
            throw .malformed("the second line is no size")
        }
        guard let root = TreeHash(base64: String(lines[2])) else { throw .malformed("the third line is no hash") }
        self.init(origin: String(lines[0]), size: size, root: root)
    }

    /// The text that is signed.
    public var text: String { "\(origin)\n\(size)\n\(root.base64)\n" }
}
