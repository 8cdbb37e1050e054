extension Array {
    /// The list in blocks that fit one statement, in its order; none where it is empty.
    public func blocks(of size: Int = 500) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { [Element](self[$0..<Swift.min($0 + size, count)]) }
    }
}
