import Store

extension Sequence<String> {
    /// The names in a column of a file, each once and none of them empty, in blocks that fit one statement.
    var distinctBlocks: [[String]] { Set(filter { !$0.isEmpty }).sorted().blocks() }
}
