/// A whole number and what it counts, in English: `1 order`, `2 orders`. Chinese has no plural.
/// - Parameters:
///   - one: what follows a one; the verb may be part of it, as in `row fits`.
///   - many: what follows any other number; `one` with an s where nothing is given.
public func counted(_ number: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
    number == 1 ? "\(number) \(one)" : "\(number) \(many ?? "\(one)s")"
}

/// A whole number and its unit in English, where units are kept as they stand after several: `days`, `‰`, `people`.
public func counted(_ number: some BinaryInteger, unit: String) -> String {
    guard number == 1 else { return "\(number) \(unit)" }
    let words = unit.split(separator: " ").map { word -> String in
        if let irregular = ["people": "person", "countries": "country"][String(word)] { return irregular }
        return word.hasSuffix("s") ? String(word.dropLast()) : String(word)
    }
    return "\(number) \(words.joined(separator: " "))"
}
