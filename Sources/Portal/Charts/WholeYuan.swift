public import Kernel

extension [Money] {
    /// The parts of one sum in whole yuan, for a chart: together they are the sum in whole yuan, so that none is lost
    /// between them. No part is below zero.
    public var wholeYuan: [Int] { whole(fen: 100) }

    /// The same in whole ten thousands of yuan (万元).
    public var wholeTenThousands: [Int] { whole(fen: 1_000_000) }

    private func whole(fen unit: Int64) -> [Int] {
        var (told, sum) = (0, Int64(0))
        return map { part in
            sum += part.fen
            let next = Int(sum / unit)
            defer { told = next }
            return next - told
        }
    }
}
