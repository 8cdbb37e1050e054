import Foundation
import FoundationXML
import Kernel

/// An element of a small XML file, with the line on which it begins.
final class XMLElement {
    let name: String
    let line: Int
    let attributes: [String: String]
    fileprivate(set) var children: [XMLElement] = []
    fileprivate(set) var text = ""

    fileprivate init(_ name: String, line: Int, attributes: [String: String]) {
        self.name = name
        self.line = line
        self.attributes = attributes
    }

    /// The first element at the end of a path.
    func first(_ path: String...) -> XMLElement? {
        path.reduce(self as XMLElement?) { element, name in element?.children.first { $0.name == name } }
    }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The text, without white space round it; nil where there is none.
    var value: String? { text.trimmed.isEmpty ? nil : text.trimmed }
}

/// Reads XML into elements. Files come from outside: no document type, no entities but the five of XML, no more
/// elements than a file of the bank can have.
final class XMLTree: NSObject, XMLParserDelegate {
    private var open: [XMLElement] = []
    private var root: XMLElement?
    private var count = 0
    private var fault: FieldProblem?
    private(set) var namespace = ""

    private static let mostElements = 2_000_000
    private static let mostDepth = 40

    /// - Throws: ``TreasuryError/badFile(_:)`` with the line.
    static func read(_ bytes: [UInt8]) throws(TreasuryError) -> (root: XMLElement, namespace: String) {
        let tree = XMLTree()
        let parser: XMLParser
        do {
            parser = try OutsideXML.parser(bytes)
        } catch {
            throw .badFile([refused(error)])
        }
        parser.delegate = tree
        let isRead = parser.parse()
        if let fault = tree.fault { throw .badFile([fault]) }
        guard isRead, tree.open.isEmpty, let root = tree.root else { throw .badFile([broken(parser)]) }
        return (root, tree.namespace)
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        count += 1
        guard count <= XMLTree.mostElements, open.count < XMLTree.mostDepth else {
            fault = AnswerFault.make(parser.lineNumber, "xml", "元素过多或嵌套过深", "has too many or too deep elements")
            return parser.abortParsing()
        }
        // A prefix says nothing that the names of these messages do not say.
        let plain = name.split(separator: ":").last.map(String.init) ?? name
        let element = XMLElement(plain, line: parser.lineNumber, attributes: attributes)
        if let last = open.last {
            last.children.append(element)
        } else {
            root = element
            let prefix = name.split(separator: ":").dropLast().first.map { "xmlns:\($0)" } ?? "xmlns"
            namespace = attributes[prefix] ?? ""
        }
        open.append(element)
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        open.removeLast()
    }

    func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
        if fault == nil { fault = XMLTree.broken(parser) }
    }

    private static func refused(_ refusal: OutsideXML.Refusal) -> FieldProblem {
        switch refusal {
        case .notUTF8: AnswerFault.make(1, "xml", "文件不是 UTF-8 编码", "the file is not UTF-8")
        case .documentType: AnswerFault.make(1, "xml", "不接受文档类型声明", "a document type is not taken")
        case .instruction: AnswerFault.make(1, "xml", "不接受处理指令（<?…?>）", "an instruction (<?…?>) is not taken")
        }
    }

    private static func broken(_ parser: XMLParser) -> FieldProblem {
        AnswerFault.make(max(parser.lineNumber, 1), "xml", "不是格式正确的 XML", "is not well-formed XML")
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { open.last?.text += string }

    func parser(_ parser: XMLParser, foundCDATA block: Data) {
        open.last?.text += String(decoding: block, as: UTF8.self)
    }
}
