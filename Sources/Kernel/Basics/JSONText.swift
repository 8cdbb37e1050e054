/// Writes canonical JSON (RFC 8785 for whole numbers and short decimals).
enum JSONText {
    private static let hex: [UInt8] = Array("0123456789abcdef".utf8)

    static func append(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let flag): bytes += (flag ? "true" : "false").utf8
        case .integer(let number): bytes += String(number).utf8
        case .decimal(let number): bytes += number.description.utf8
        case .string(let text): appendString(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            for (index, member) in sorted.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                appendString(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                append(member.value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func appendString(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0..<0x20: bytes += "\\u00".utf8 + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

/// Reads JSON strictly; Foundation's reader would let duplicate members and fractions through unseen.
struct JSONParser {
    private let bytes: [UInt8]
    private let depthLimit: Int
    private let takesFractions: Bool
    private var at = 0
    private var depth = 0

    init(_ bytes: [UInt8], depth: Int, takesFractions: Bool) {
        self.bytes = bytes
        depthLimit = depth
        self.takesFractions = takesFractions
    }

    mutating func document() throws(JSONProblem) -> JSONValue {
        let result = try value()
        skipSpace()
        guard at == bytes.count else { throw problem("末尾有多余内容", "there is more after the value") }
        return result
    }

    private func problem(_ zh: String, _ en: String) -> JSONProblem {
        JSONProblem(offset: at, reason: Bilingual(zh, en))
    }

    private var current: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func value() throws(JSONProblem) -> JSONValue {
        skipSpace()
        guard let byte = current else { throw problem("内容不完整", "the text ends too early") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONProblem) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONProblem) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw problem("不是 JSON 值", "this is not a JSON value")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONProblem) -> JSONValue
    ) throws(JSONProblem) -> JSONValue {
        depth += 1
        guard depth <= depthLimit else { throw problem("嵌套超过 \(depthLimit) 层", "nested deeper than \(depthLimit)") }
        at += 1
        let result = try body(&self)
        depth -= 1
        return result
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONProblem) -> JSONValue {
        guard bytes[at...].starts(with: text.utf8) else { throw problem("不是 JSON 值", "this is not a JSON value") }
        at += text.utf8.count
        return value
    }

    private mutating func array() throws(JSONProblem) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            at += 1
            return .array([])
        }
        while true {
            elements.append(try value())
            if try endOfList(UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    private mutating func object() throws(JSONProblem) -> JSONValue {
        var members: [String: JSONValue] = [:]
        skipSpace()
        if current == UInt8(ascii: "}") {
            at += 1
            return .object([:])
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw problem("缺少成员名", "a member name is missing") }
            let start = at
            let name = try string()
            guard members[name] == nil else {
                at = start
                throw problem("成员重复", "a member is given twice")
            }
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw problem("缺少冒号", "a colon is missing") }
            at += 1
            members[name] = try value()
            if try endOfList(UInt8(ascii: "}")) { return .object(members) }
        }
    }

    /// Steps over a comma (false) or the closing bracket (true).
    private mutating func endOfList(_ close: UInt8) throws(JSONProblem) -> Bool {
        skipSpace()
        guard let byte = current else { throw problem("内容不完整", "the text ends too early") }
        guard byte == close || byte == UInt8(ascii: ",") else { throw problem("缺少逗号", "a comma is missing") }
        at += 1
        return byte == close
    }

    private mutating func number() throws(JSONProblem) -> JSONValue {
        let start = at
        if current == UInt8(ascii: "-") { at += 1 }
        let digits = at
        while let byte = current, (48...57).contains(byte) { at += 1 }
        let following = current
        let count = at - digits
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        at = start
        guard count > 0, count == 1 || bytes[digits] != UInt8(ascii: "0") else {
            throw problem("数字格式不正确", "the number is malformed")
        }
        if following == UInt8(ascii: ".") || following == UInt8(ascii: "e") || following == UInt8(ascii: "E") {
            guard takesFractions else { throw problem("只接受整数，小数请写成文本", "numbers are whole; write a fraction as text") }
            return try fraction()
        }
        guard let number = Int64(text) else { throw problem("数字过大", "the number is too large") }
        at = digits + count
        return .integer(number)
    }

    private mutating func fraction() throws(JSONProblem) -> JSONValue {
        let start = at
        while let byte = current, "0123456789.eE+-".utf8.contains(byte) { at += 1 }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        guard let number = DecimalNumber(text) else {
            at = start
            throw problem("小数最多 15 位数字，不用指数", "a fraction has at most 15 digits and no exponent")
        }
        return number.whole.map { .integer($0) } ?? .decimal(number)
    }

    private mutating func string() throws(JSONProblem) -> String {
        at += 1
        var text: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else {
                    throw problem("文本不是 UTF-8", "the text is not UTF-8")
                }
                at += 1
                return result
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw problem("文本中有控制字符", "there is a control character in the text")
            default:
                text.append(byte)
                at += 1
            }
        }
        throw problem("内容不完整", "the text ends too early")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONProblem) {
        at += 1
        guard let byte = current else { throw problem("内容不完整", "the text ends too early") }
        let plain: UInt8? =
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
            case UInt8(ascii: "b"): 0x08
            case UInt8(ascii: "f"): 0x0C
            case UInt8(ascii: "n"): 0x0A
            case UInt8(ascii: "r"): 0x0D
            case UInt8(ascii: "t"): 0x09
            default: nil
            }
        if let plain {
            text.append(plain)
            at += 1
        } else if byte == UInt8(ascii: "u") {
            text += String(Character(try unicodeEscape())).utf8
        } else {
            throw problem("转义不正确", "this escape does not exist")
        }
    }

    private mutating func unicodeEscape() throws(JSONProblem) -> Unicode.Scalar {
        let first = try hexUnit()
        var code = UInt32(first)
        if (0xD800...0xDBFF).contains(first) {
            guard current == UInt8(ascii: "\\") else { throw problem("代理对不完整", "half of a surrogate pair") }
            at += 1
            let second = UInt32(try hexUnit())
            guard (0xDC00...0xDFFF).contains(second) else {
                throw problem("代理对不完整", "half of a surrogate pair")
            }
            code = 0x10000 + ((UInt32(first) - 0xD800) << 10) + (second - 0xDC00)
        }
        guard code != 0 else { throw problem("文本中不允许 U+0000", "U+0000 is not allowed in text") }
        guard let scalar = Unicode.Scalar(code) else {
            throw problem("代理对不完整", "half of a surrogate pair")
        }
        return scalar
    }

    private mutating func hexUnit() throws(JSONProblem) -> UInt16 {
        guard current == UInt8(ascii: "u"), at + 4 < bytes.count else {
            throw problem("转义不正确", "this escape does not exist")
        }
        var unit: UInt16 = 0
        for byte in bytes[(at + 1)...(at + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw problem("转义不正确", "this escape does not exist")
            }
            unit = unit << 4 | UInt16(digit)
        }
        at += 5
        return unit
    }
}
