/// Reads typed values out of YAML 1.2 text, by Debian's libyaml. What a plain scalar is, the wanted type says: `440300`
/// is a text where a text is wanted, and a number where a number is. Only `true` and `false` are truth values; quoted
/// scalars are texts and never empty; names may stand twice in no mapping; merge keys (`<<`) are not read.
public enum YAMLReader {
    /// - Throws: `DecodingError` whose words name the line (from 1) and what is wrong there.
    public static func decode<T: Decodable>(_ type: T.Type = T.self, from text: String) throws -> T {
        let document = try YAMLDocument(text)
        return try T(from: NodeDecoder(document: document, node: document.root, codingPath: []))
    }

    /// The place and the words of a decoder's complaint, without its wrapping.
    public static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return "\(place(context)): \(context.debugDescription)"
        case .keyNotFound(let key, let context): return "\(place(context)): '\(key.stringValue)' is missing"
        @unknown default: return "\(error)"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        context.codingPath.map { key in key.intValue.map { "no. \($0 + 1)" } ?? key.stringValue }
            .joined(separator: " › ")
    }
}

/// A place in the document, and the way that led there.
private struct NodeDecoder: Decoder, SingleValueDecodingContainer {
    let document: YAMLDocument
    let node: YAMLNode
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let pairs = document.pairs(node) else { throw mismatch([String: Any].self, "a mapping") }
        return KeyedDecodingContainer(MappingContainer<Key>(decoder: self, pairs: pairs))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let items = document.items(node) else { throw mismatch([Any].self, "a sequence") }
        return SequenceContainer(decoder: self, items: items)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool {
        guard let scalar = document.scalar(node), scalar.isPlain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    func decode<T: Decodable & YAMLScalar>(_ type: T.Type) throws -> T {
        guard let scalar = document.scalar(node), let value = T(yaml: scalar.text, isPlain: scalar.isPlain) else {
            throw mismatch(type, T.expectation)
        }
        return value
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: self) }

    func at(_ node: YAMLNode, _ key: any CodingKey) throws -> NodeDecoder {
        // An alias may stand within what it stands for.
        guard codingPath.count < 64 else { throw DecodingError.dataCorrupted(context("this lies too deep")) }
        return NodeDecoder(document: document, node: node, codingPath: codingPath + [key])
    }

    func context(_ words: String) -> DecodingError.Context {
        .init(codingPath: codingPath, debugDescription: "line \(document.line(node)): \(words)")
    }

    private func mismatch(_ type: any Any.Type, _ expectation: String) -> DecodingError {
        .typeMismatch(type, context("\(expectation) is expected, not \(document.description(node))"))
    }
}

private struct MappingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: NodeDecoder
    let pairs: YAMLDocument.Pairs

    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { decoder.document.names(pairs).compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { decoder.document.value(of: key.stringValue, in: pairs) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try at(key).decodeNil() }
    func decode<T: Decodable & YAMLScalar>(_ type: T.Type, forKey key: Key) throws -> T { try at(key).decode(type) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try T(from: at(key)) }

    func nestedContainer<Inner: CodingKey>(
        keyedBy type: Inner.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Inner> {
        try at(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try at(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try at(key) }

    private func at(_ key: any CodingKey) throws -> NodeDecoder {
        guard let node = decoder.document.value(of: key.stringValue, in: pairs) else {
            throw DecodingError.keyNotFound(key, decoder.context("'\(key.stringValue)' is missing"))
        }
        return try decoder.at(node, key)
    }
}

private struct SequenceContainer: UnkeyedDecodingContainer {
    let decoder: NodeDecoder
    let items: YAMLDocument.Items
    var currentIndex = 0

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }

    /// As every container does, it stays where it is when it meets something that is not empty.
    mutating func decodeNil() throws -> Bool {
        let isNil = try current().decodeNil()
        if isNil { currentIndex += 1 }
        return isNil
    }

    mutating func decode<T: Decodable & YAMLScalar>(_ type: T.Type) throws -> T { try next { try $0.decode(type) } }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next { try T(from: $0) } }

    mutating func nestedContainer<Inner: CodingKey>(
        keyedBy type: Inner.Type
    ) throws -> KeyedDecodingContainer<Inner> {
        try next { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder { try next { $0 } }

    private func current() throws -> NodeDecoder {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(Any.self, decoder.context("there are only \(items.count) elements"))
        }
        return try decoder.at(YAMLNode(items[currentIndex]), Position(intValue: currentIndex))
    }

    private mutating func next<T>(_ body: (NodeDecoder) throws -> T) throws -> T {
        let value = try body(current())
        currentIndex += 1
        return value
    }
}

/// The place of an element in its sequence.
private struct Position: CodingKey {
    let intValue: Int?
    var stringValue: String { intValue.map { "\($0)" } ?? "" }

    init(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { nil }
}
