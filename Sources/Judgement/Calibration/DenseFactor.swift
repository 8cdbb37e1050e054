internal import Foundation

/// Cholesky factor of a small symmetric positive definite matrix, kept by rows.
struct DenseFactor {
    let size: Int
    private var rows: [Double]

    /// - Parameter lower: row by row, at least the lower triangle; nil where the matrix is not positive definite.
    init?(_ lower: [Double], size: Int) {
        self.size = size
        rows = lower
        let isPositive = rows.withUnsafeMutableBufferPointer { buffer -> Bool in
            guard let base = buffer.baseAddress else { return false }
            for i in 0..<size {
                let row = base + i * size
                for j in 0..<i {
                    let other = base + j * size
                    row[j] = (row[j] - DenseFactor.dot(row, other, j)) / other[j]
                }
                let pivot = row[i] - DenseFactor.dot(row, row, i)
                guard pivot > 0 else { return false }
                row[i] = pivot.squareRoot()
            }
            return true
        }
        if !isPositive { return nil }
    }

    /// The logarithm of the determinant of the matrix.
    var logDeterminant: Double {
        var sum = 0.0
        for i in 0..<size { sum += log(rows[i * size + i]) }
        return 2 * sum
    }

    /// Solves the system for one right-hand side.
    func solve(_ right: [Double]) -> [Double] {
        var x = right
        rows.withUnsafeBufferPointer { buffer in
            x.withUnsafeMutableBufferPointer { unknown in
                guard let base = buffer.baseAddress, let x = unknown.baseAddress else { return }
                for i in 0..<size {
                    x[i] = (x[i] - DenseFactor.dot(base + i * size, x, i)) / base[i * size + i]
                }
            }
        }
        return transposedSolve(x)
    }

    /// Solves with the transposed factor only: turns independent standard normals into draws whose covariance is the
    /// inverse of the matrix.
    func transposedSolve(_ right: [Double]) -> [Double] {
        var x = right
        rows.withUnsafeBufferPointer { buffer in
            x.withUnsafeMutableBufferPointer { unknown in
                guard let base = buffer.baseAddress, let x = unknown.baseAddress else { return }
                for i in stride(from: size - 1, through: 0, by: -1) {
                    let row = base + i * size
                    let value = x[i] / row[i]
                    x[i] = value
                    for j in 0..<i { x[j] -= row[j] * value }
                }
            }
        }
        return x
    }

    /// The whole inverse, row by row.
    func inverse() -> [Double] {
        // Row j of `columns` is column j of the factor's inverse, so that every product below runs along rows.
        var columns = [Double](repeating: 0, count: size * size)
        var result = [Double](repeating: 0, count: size * size)
        rows.withUnsafeBufferPointer { buffer in
            columns.withUnsafeMutableBufferPointer { columns in
                result.withUnsafeMutableBufferPointer { result in
                    guard let base = buffer.baseAddress, let columns = columns.baseAddress else { return }
                    for j in 0..<size {
                        let x = columns + j * size
                        x[j] = 1 / base[j * size + j]
                        for i in j + 1..<max(size, j + 1) {
                            let row = base + i * size
                            x[i] = -DenseFactor.dot(row + j, x + j, i - j) / row[i]
                        }
                    }
                    for a in 0..<size {
                        for b in 0...a {
                            let value = DenseFactor.dot(columns + a * size + a, columns + b * size + a, size - a)
                            result[a * size + b] = value
                            result[b * size + a] = value
                        }
                    }
                }
            }
        }
        return result
    }

    /// Eight running sums in a fixed order: fast, and the same bits each time.
    @inline(__always)
    private static func dot(_ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, _ count: Int) -> Double {
        var first = SIMD4<Double>.zero
        var second = SIMD4<Double>.zero
        var index = 0
        while index + 8 <= count {
            let l = UnsafeRawPointer(left + index)
            let r = UnsafeRawPointer(right + index)
            first += l.loadUnaligned(as: SIMD4<Double>.self) * r.loadUnaligned(as: SIMD4<Double>.self)
            second +=
                l.loadUnaligned(fromByteOffset: 32, as: SIMD4<Double>.self)
                * r.loadUnaligned(fromByteOffset: 32, as: SIMD4<Double>.self)
            index += 8
        }
        var sum = (first + second).sum()
        while index < count {
            sum += left[index] * right[index]
            index += 1
        }
        return sum
    }
}
