/// What one scalar can be read as.
protocol YAMLScalar {
    /// What a reader is told to write instead.
    static var expectation: String { get }
    /// - Parameter isPlain: whether it stands without quotes.
    init?(yaml text: String, isPlain: Bool)
}

extension String: YAMLScalar {
    static var expectation: String { "a text" }
    init?(yaml text: String, isPlain: Bool) { self = text }
}

extension Bool: YAMLScalar {
    static var expectation: String { "true or false" }
    init?(yaml text: String, isPlain: Bool) {
        guard isPlain else { return nil }
        switch text {
        case "true", "True", "TRUE": self = true
        case "false", "False", "FALSE": self = false
        default: return nil
        }
    }
}

extension FixedWidthInteger {
    static var expectation: String { "a whole number" }
    init?(yaml text: String, isPlain: Bool) {
        guard isPlain else { return nil }
        self.init(text, radix: 10)
    }
}

extension BinaryFloatingPoint where Self: LosslessStringConvertible {
    static var expectation: String { "a number" }
    init?(yaml text: String, isPlain: Bool) {
        // Swift would also read `nan`, `infinity` and hexadecimal fractions.
        guard isPlain, text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
        self.init(text)
    }
}

extension Int: YAMLScalar {}
extension Int8: YAMLScalar {}
extension Int16: YAMLScalar {}
extension Int32: YAMLScalar {}
extension Int64: YAMLScalar {}
extension UInt: YAMLScalar {}
extension UInt8: YAMLScalar {}
extension UInt16: YAMLScalar {}
extension UInt32: YAMLScalar {}
extension UInt64: YAMLScalar {}
extension Float: YAMLScalar {}
extension Double: YAMLScalar {}
