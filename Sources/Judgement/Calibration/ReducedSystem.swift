/// The equations of the mean and the smaller side, never written out: conjugate gradients with a diagonal
/// preconditioner, two passes over the scores a step.
struct ReducedSystem {
    let many: ScoreDesign.Side
    let few: ScoreDesign.Side
    let diagonal: [Double]
    let fewLambda: Double

    /// Relative residual at which a solution counts as exact.
    static let tolerance = 1e-13
    static let steps = 2_000

    func solve(_ right: [Double]) -> [Double] {
        let scale = preconditioner()
        var x = [Double](repeating: 0, count: right.count)
        var residual = right
        var z = zip(residual, scale).map { $0 * $1 }
        var direction = z
        var energy = dot(residual, z)
        let goal = ReducedSystem.tolerance * ReducedSystem.tolerance * energy
        var step = 0
        while energy > goal, step < ReducedSystem.steps {
            let image = apply(direction)
            let length = energy / dot(direction, image)
            for i in x.indices {
                x[i] += length * direction[i]
                residual[i] -= length * image[i]
                z[i] = residual[i] * scale[i]
            }
            let next = dot(residual, z)
            let turn = next / energy
            for i in x.indices { direction[i] = z[i] + turn * direction[i] }
            energy = next
            step += 1
        }
        return x
    }

    private func preconditioner() -> [Double] {
        var result = [Double](repeating: 0, count: few.count + 1)
        var first = Double(many.values.count)
        for i in 0..<many.count { first -= Double(many.degree(i)) * Double(many.degree(i)) / diagonal[i] }
        result[0] = 1 / first
        for j in 0..<few.count {
            var entry = Double(few.degree(j)) + fewLambda
            for place in few.range(j) { entry -= 1 / diagonal[few.partners[place]] }
            result[j + 1] = 1 / entry
        }
        return result
    }

    private func apply(_ x: [Double]) -> [Double] {
        var inner = [Double](repeating: 0, count: many.count)
        var result = [Double](repeating: 0, count: x.count)
        x.withUnsafeBufferPointer { x in
            many.partners.withUnsafeBufferPointer { partners in
                for i in 0..<many.count {
                    var sum = Double(many.degree(i)) * x[0]
                    for place in many.range(i) { sum += x[partners[place] + 1] }
                    inner[i] = sum / diagonal[i]
                }
            }
            var first = 0.0
            few.partners.withUnsafeBufferPointer { partners in
                for j in 0..<few.count {
                    let degree = Double(few.degree(j))
                    var sum = degree * x[0] + (degree + fewLambda) * x[j + 1]
                    first += degree * x[j + 1]
                    for place in few.range(j) { sum -= inner[partners[place]] }
                    result[j + 1] = sum
                }
            }
            for i in 0..<many.count {
                first += Double(many.degree(i)) * (x[0] - inner[i])
            }
            result[0] = first
        }
        return result
    }

    private func dot(_ left: [Double], _ right: [Double]) -> Double {
        var sum = 0.0
        for i in left.indices { sum += left[i] * right[i] }
        return sum
    }
}
