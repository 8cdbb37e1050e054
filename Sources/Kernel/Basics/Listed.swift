extension Sequence<String> {
    /// Names in a row, as each language writes them: `甲、乙` and `A, B`.
    public var listed: Bilingual { Bilingual(joined(separator: "、"), joined(separator: ", ")) }
}
