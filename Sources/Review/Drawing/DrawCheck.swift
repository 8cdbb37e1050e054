public import Kernel

/// Runs a published draw again, and looks for it in an exported log.
public enum DrawCheck {
    /// The public events of a draw; a log is read with these kept.
    public static let kinds: Set<String> = ["review.committed", "review.drawn"]

    /// What does not hold in a protocol by itself; empty where the same result comes out.
    public static func faults(_ file: JSONValue) -> [LogFault] {
        let byAffinity = [AssignmentPlan.firstRules, AssignmentPlan.wideRules]
        if let rules = file["rules"]?.string, byAffinity.contains(rules) { return assignmentFaults(file, rules) }
        let known = [DrawProtocol.rules, DrawProtocol.groupRules]
        guard let rules = file["rules"]?.string, known.contains(rules) else {
            let names = known.joined(separator: ", ")
            return [
                LogFault("draw.rules", Bilingual("只认规则 \(names)", "this program knows only the rules \(names)"))
            ]
        }
        guard let plan = try? file["plan"]?.decode(DrawPlan.self), let seed = file["seed"]?.string,
            let again = try? DrawProtocol(plan, seed: seed),
            let results = try? JSONValue(encoding: again.results), again.rules == rules
        else { return [LogFault("draw.form", Bilingual("不是抽签记录", "this is no protocol of a draw"))] }
        var faults: [LogFault] = []
        if again.commitment != file["commitment"]?.string || (try? JSONValue(encoding: plan)) != file["plan"] {
            faults.append(
                LogFault("draw.plan", Bilingual("方案与公布的摘要不符", "the plan is not the one that was committed to")))
        }
        if results != file["results"] {
            faults.append(LogFault("draw.result", Bilingual("重算结果不同", "another result comes out")))
        }
        return faults
    }

    /// The same for a protocol of an assignment by affinity.
    private static func assignmentFaults(_ file: JSONValue, _ rules: String) -> [LogFault] {
        guard let plan = try? file["plan"]?.decode(AssignmentPlan.self), let seed = file["seed"]?.string,
            let again = try? AssignmentProtocol(plan, seed: seed),
            let results = try? JSONValue(encoding: again.results), let proof = try? JSONValue(encoding: again.proof),
            again.rules == rules
        else { return [LogFault("draw.form", Bilingual("不是分配记录", "this is no protocol of an assignment"))] }
        var faults: [LogFault] = []
        if again.commitment != file["commitment"]?.string || (try? JSONValue(encoding: plan)) != file["plan"] {
            faults.append(
                LogFault("draw.plan", Bilingual("方案与公布的摘要不符", "the plan is not the one that was committed to")))
        }
        if results != file["results"] || !isBorneOut(file["proof"], by: proof)
            || !isBorneOut(shortages: file["shortages"], by: again)
        {
            faults.append(LogFault("draw.result", Bilingual("重算结果不同", "another result comes out")))
        }
        return faults
    }

    /// Whether a published proof is the one that comes out. Its bound on the worst-off may be wider than the one proved
    /// now: it holds all the same, and nothing is decided by how close it is.
    private static func isBorneOut(_ published: JSONValue?, by proof: JSONValue) -> Bool {
        guard var members = published?.object, let told = members["worstBound"]?.integer,
            let known = proof["worstBound"]?.integer, told > known
        else { return published == proof }
        members["worstBound"] = .integer(known)
        return JSONValue.object(members) == proof
    }

    /// Whether what a protocol tells to be short is what comes out, in the form of this program or of an earlier one.
    private static func isBorneOut(shortages published: JSONValue?, by again: AssignmentProtocol) -> Bool {
        guard let published else { return false }
        func isTold(_ list: [AssignmentProtocol.Short]) -> Bool { (try? JSONValue(encoding: list)) == published }
        if isTold(again.shortages) { return true }
        let former = try? AssignmentProtocol.formerShortages(again.plan)
        return (former ?? []).contains(where: isTold)
    }

    /// What does not hold between a protocol and a log: whether plan and seed were committed to, under a checkpoint,
    /// before the draw, whether the draw on record is this one, and whether it is the only one.
    public static func faults(_ file: JSONValue, in log: LogVerifier) -> [LogFault] {
        guard let (promise, draw) = found(file, log) else {
            let what = Bilingual("日志中没有这次抽签，或没有它的方案摘要", "the log has no such draw with its commitment")
            return [LogFault("draw.not-in-log", what)]
        }
        var faults: [LogFault] = []
        // Nobody may fix or draw several, by one plan or for one subject, and keep the one that pleases.
        let name = content(promise.event)?["subject"]
        let promises = events("review.committed", log) { event in
            isOfPlan(event, file) || isSame(event, draw.event)
                || (name != nil && content(event)?["subject"] == name
                    && event["subjectKind"] == draw.event["subjectKind"])
        }
        let draws = events("review.drawn", log) { isOfPlan($0, file) || isSame($0, draw.event) }
        if promises.count > 1 || draws.count > 1 {
            let what = Bilingual("日志中方案公布或抽取不止一次", "the log has it planned or drawn more than once")
            faults.append(LogFault("draw.twice", what))
        }
        let seed = file["seed"]?.string ?? ""
        if content(draw.event)?["seed"]?.string != seed {
            faults.append(LogFault("draw.seed", Bilingual("种子与日志不符", "the log has another seed")))
        }
        if content(draw.event)?["protocol"]?.string != Digest.hex(Digest.sha256(file.canonicalBytes)) {
            faults.append(
                LogFault("draw.protocol", Bilingual("记录与日志的摘要不符", "the log has the hash of another protocol")))
        }
        let promised = content(promise.event)?["seedCommitment"]?.string
        if promised != SeedSecret(inSeed: seed)?.commitment {
            faults.append(
                LogFault(
                    "draw.seed-commitment", Bilingual("种子不含事先公布的那一半", "the seed lacks the half that was committed to")))
        }
        if !log.hasCheckpoint(after: promise.index, before: draw.index) {
            faults.append(
                LogFault(
                    "draw.not-published-before",
                    Bilingual(
                        "抽取之前没有检查点覆盖公布的摘要",
                        "no checkpoint lies between the commitment (leaf \(promise.index)) and the draw "
                            + "(leaf \(draw.index))")))
        }
        return faults
    }

    /// What a draw in a log is for, as the house named it with the plan: the call, or the number of the inspection.
    public static func subject(_ file: JSONValue, in log: LogVerifier) -> String? {
        found(file, log).flatMap { content($0.promise.event)?["subject"]?.string }
    }

    private typealias Leaf = (index: Int, event: JSONValue)

    /// The draw of a protocol's plan and the commitment for the same.
    private static func found(_ file: JSONValue, _ log: LogVerifier) -> (promise: Leaf, draw: Leaf)? {
        guard let draw = events("review.drawn", log, { isOfPlan($0, file) }).first,
            let promise = events("review.committed", log, { isOfPlan($0, file) && isSame($0, draw.event) }).first
        else { return nil }
        return (promise, draw)
    }

    private static func events(_ kind: String, _ log: LogVerifier, _ isMeant: (JSONValue) -> Bool) -> [Leaf] {
        log.events.filter { $0.event["kind"]?.string == kind && isMeant($0.event) }
    }

    private static func content(_ event: JSONValue) -> JSONValue? { event["content"] }

    private static func isOfPlan(_ event: JSONValue, _ file: JSONValue) -> Bool {
        guard let commitment = file["commitment"] else { return false }
        return content(event)?["commitment"] == commitment
    }

    /// Whether two events are about the same round, or the same draw of an inspection.
    private static func isSame(_ one: JSONValue, _ other: JSONValue) -> Bool {
        ["subjectKind", "subject"].allSatisfy { one[$0] == other[$0] }
    }
}
