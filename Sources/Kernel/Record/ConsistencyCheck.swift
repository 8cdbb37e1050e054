public import Proof

/// Compares two checkpoints that somebody holds.
public enum ConsistencyCheck {
    /// What does not hold between two checkpoints of one log.
    /// - Parameter proof: the answer of `/api/v1/record/consistency` for their sizes; needed where the sizes differ.
    public static func faults(_ first: Checkpoint, _ second: Checkpoint, proof: JSONValue?) -> [LogFault] {
        let (old, new) = first.size <= second.size ? (first, second) : (second, first)
        guard old.size != new.size else {
            guard old.root != new.root else { return [] }
            return [
                LogFault(
                    "log.forked",
                    Bilingual(
                        "两个 \(old.size) 条的检查点都有签名而互相矛盾：日志分叉",
                        "both checkpoints of \(counted(old.size, "leaf", "leaves")) are signed and they disagree: the log was forked"
                    ))
            ]
        }
        guard let proof else {
            return [
                LogFault(
                    "consistency.no-proof",
                    Bilingual(
                        "条数不同，须给出证明（--proof）或日志（--log）", "the sizes differ: give a proof (--proof) or the log (--log)"))
            ]
        }
        let list = proof["path"]?.array ?? []
        let path = list.compactMap { $0.string.flatMap { TreeHash(base64: $0) } }
        guard proof["from"]?.integer == Int64(old.size), proof["to"]?.integer == Int64(new.size),
            path.count == list.count
        else {
            return [
                LogFault(
                    "consistency.other-proof",
                    Bilingual(
                        "证明不是从 \(old.size) 条到 \(new.size) 条的",
                        "the proof is not from \(old.size) to \(counted(new.size, "leaf", "leaves"))"
                    ))
            ]
        }
        guard TreeProof.extends(from: old.size, root: old.root, to: new.size, root: new.root, path: path) else {
            return [
                LogFault(
                    "log.forked",
                    Bilingual(
                        "\(new.size) 条的日志并不是由 \(old.size) 条的日志增长而来：已被改动或分叉",
                        "the log of \(counted(new.size, "leaf", "leaves")) does not begin with that of \(old.size): it was changed or forked"
                    ))
            ]
        }
        return []
    }
}
