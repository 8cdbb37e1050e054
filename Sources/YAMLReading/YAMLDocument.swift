internal import CYAML

/// The number of a node in its document.
struct YAMLNode {
    let number: Int32
    init(_ number: Int32) { self.number = number }
}

/// One document as libyaml composed it, aliases resolved; nodes are found by number.
final class YAMLDocument {
    typealias Pairs = UnsafeBufferPointer<yaml_node_pair_t>
    typealias Items = UnsafeBufferPointer<yaml_node_item_t>

    private var document = yaml_document_t()
    let root = YAMLNode(1)

    /// - Throws: `DecodingError` where the text is not one document of YAML with unique names.
    init(_ text: String) throws {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { throw Self.corrupted("no memory is left") }
        defer { yaml_parser_delete(&parser) }
        var text = text
        let problem = text.withUTF8 { bytes -> String? in
            yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
            guard yaml_parser_load(&parser, &document) == 1 else { return Self.problem(parser) }
            if yaml_document_get_root_node(&document) == nil { return "there is nothing in it" }
            var second = yaml_document_t()
            guard yaml_parser_load(&parser, &second) == 1 else { return Self.problem(parser) }
            defer { yaml_document_delete(&second) }
            return yaml_document_get_root_node(&second) == nil ? nil : "there is more than one document in it"
        }
        if let problem { throw Self.corrupted(problem) }
        try checkNames()
    }

    deinit { yaml_document_delete(&document) }

    func line(_ node: YAMLNode) -> Int { Int(self[node].start_mark.line) + 1 }

    func pairs(_ node: YAMLNode) -> Pairs? {
        guard self[node].type == YAML_MAPPING_NODE else { return nil }
        let pairs = self[node].data.mapping.pairs
        return Pairs(start: pairs.start, count: pairs.top - pairs.start)
    }

    func items(_ node: YAMLNode) -> Items? {
        guard self[node].type == YAML_SEQUENCE_NODE else { return nil }
        let items = self[node].data.sequence.items
        return Items(start: items.start, count: items.top - items.start)
    }

    func scalar(_ node: YAMLNode) -> (text: String, isPlain: Bool)? {
        guard let bytes = bytes(node) else { return nil }
        return (String(decoding: bytes, as: UTF8.self), self[node].data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
    }

    func names(_ pairs: Pairs) -> [String] { pairs.compactMap { scalar(YAMLNode($0.key))?.text } }

    /// The value beside a name.
    func value(of name: String, in pairs: Pairs) -> YAMLNode? {
        var name = name
        return name.withUTF8 { name in
            pairs.first { pair in
                bytes(YAMLNode(pair.key)).map { $0.count == name.count && $0.elementsEqual(name) } ?? false
            }
        }.map { YAMLNode($0.value) }
    }

    /// What somebody who wrote it would call it.
    func description(_ node: YAMLNode) -> String {
        if let scalar = scalar(node) { return scalar.isPlain ? scalar.text : "'\(scalar.text)'" }
        return pairs(node) == nil ? "a sequence" : "a mapping"
    }

    private subscript(_ node: YAMLNode) -> yaml_node_t { document.nodes.start[Int(node.number) - 1] }

    private func bytes(_ node: YAMLNode) -> UnsafeBufferPointer<UInt8>? {
        guard self[node].type == YAML_SCALAR_NODE else { return nil }
        let scalar = self[node].data.scalar
        return UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    }

    private func checkNames() throws {
        for number in 0..<(document.nodes.top - document.nodes.start) {
            guard let pairs = pairs(YAMLNode(Int32(number + 1))) else { continue }
            var names: Set<String> = []
            for pair in pairs {
                let key = YAMLNode(pair.key)
                guard let name = scalar(key)?.text else {
                    throw Self.corrupted("line \(line(key)): a name must be a text")
                }
                if name == "<<" { throw Self.corrupted("line \(line(key)): merge keys are not read") }
                guard names.insert(name).inserted else {
                    throw Self.corrupted("line \(line(key)): '\(name)' stands twice in one mapping")
                }
            }
        }
    }

    private static func problem(_ parser: yaml_parser_t) -> String {
        let words = parser.problem.map { String(cString: $0) } ?? "it is no YAML"
        // A fault of the bytes has no mark of its own.
        let line = parser.error == YAML_READER_ERROR ? parser.mark.line : parser.problem_mark.line
        return "line \(line + 1): \(words)"
    }

    private static func corrupted(_ words: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: words))
    }
}
