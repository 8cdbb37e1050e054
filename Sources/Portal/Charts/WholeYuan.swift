public import Kernel

extension [Money] {
    /// The parts of one sum in whole yuan, for a chart: together they are the sum in whole yuan, so that none is lost
    /// between them. No part is below zero.
    public var wholeYuan: [Int] {
        var (told, sum) = (0, Int64(0))
        return map { part in
            sum += part.fen
            let next = Int(sum / 100)
            defer { told = next }
            return next - told
        }
    }
}
