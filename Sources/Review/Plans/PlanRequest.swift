import Judgement
import Kernel

extension AssignmentPlan {
    /// The plan as the engine asks for it.
    /// - Throws: ``AssignmentError``; of a plan from outside any place and any number may be wrong.
    func request() throws(AssignmentError) -> AssignmentRequest {
        var offsets = [0]
        for item in items { offsets.append(offsets[offsets.count - 1] + item.experts.count) }
        let candidates = try Candidates(
            applications: items.count, experts: experts.count, offsets: offsets,
            expert: items.flatMap { $0.experts.map { Int32(clamping: $0) } },
            score: items.flatMap { $0.affinities.map(Int64.init) })
        var quotas: [Quota] = []
        if options.outside {
            let members = experts.indices.filter { experts[$0].isOutside }
            quotas.append(
                Quota(
                    "outside", experts: members, scope: .eachApplication,
                    seats: 1...max(1, options.seats)))
        }
        // A city's employers lie inside or outside as a whole; one that has both kinds is kept apart on either side.
        if options.apart {
            let names = experts.map { one -> String? in
                one.employer.isEmpty ? nil : "\(one.employer)\(options.outside && one.isOutside ? "*" : "")"
            }
            quotas += Quota.institutions(names, most: 1)
        }
        for (place, group) in (groups ?? []).enumerated() {
            guard options.quotas.indices.contains(group.quota), options.quotas[group.quota].least >= 0 else {
                throw .range("a quota")
            }
            quotas.append(
                Quota(
                    AssignmentPlan.name(ofGroup: place), experts: group.experts, scope: .eachApplication,
                    seats: options.quotas[group.quota].range(of: options.seats),
                    applications: group.items.map { Set($0) }))
        }
        return AssignmentRequest(
            candidates: candidates, demand: items.map { _ in options.seats },
            load: experts.map { min(options.leastLoad, max(0, $0.load))...max(0, $0.load) }, quotas: quotas,
            forced: try forced())
    }

    /// Pairs that must be, by their places. A pair that must not be is no candidate.
    private func forced() throws(AssignmentError) -> [Pair] {
        guard !options.pairs.isEmpty else { return [] }
        let applications = Dictionary(
            items.enumerated().map { ($1.item, $0) }, uniquingKeysWith: { first, _ in first })
        let places = Dictionary(
            experts.enumerated().map { ($1.expert, $0) }, uniquingKeysWith: { first, _ in first })
        var forced: [Pair] = []
        for pair in options.pairs {
            guard let application = applications[pair.item], let expert = places[pair.expert] else {
                if pair.isForced { throw .range("a chosen pair") }
                continue
            }
            if pair.isForced {
                forced.append(Pair(application, expert))
            } else if items[application].experts.contains(expert) {
                throw .forced(Pair(application, expert))
            }
        }
        return forced
    }

    private static let group = "group "

    /// What the engine calls a group.
    private static func name(ofGroup place: Int) -> String { "\(group)\(place)" }

    /// The line of the quotas from which a quota of the engine comes; nil where it comes from no line.
    func line(ofQuota name: String) -> Int? {
        guard let groups, name.hasPrefix(AssignmentPlan.group),
            let place = Int(name.dropFirst(AssignmentPlan.group.count)), groups.indices.contains(place),
            AssignmentPlan.name(ofGroup: place) == name
        else { return nil }
        return groups[place].quota
    }

    /// What the engine refuses, told at the field that asked for it.
    func problems(_ error: AssignmentError) -> [FieldProblem] {
        switch error {
        case .crossing(let first, let second): crossing(first, second)
        case .forced(let pair): unable(pair)
        case .sizes, .range, .tooFine, .unproven:
            [FieldProblem(field: "mode", code: "review.engine", message: Bilingual(error.zh, error.en))]
        }
    }

    private func crossing(_ first: String, _ second: String) -> [FieldProblem] {
        let lines = Set([first, second].compactMap { line(ofQuota: $0) }).sorted()
        guard let last = lines.last else {
            return [
                FieldProblem(
                    field: "apart", code: "review.quota-crossing",
                    message: Bilingual(
                        "单位与城市的分组互相交叉，不能同时精确满足；请取消其一",
                        "Employers and cities cut across each other, and no exact answer keeps both; drop one of the two"
                    ))
            ]
        }
        var message = Bilingual(
            "名额第 \(last + 1) 行与“同一单位的专家不评同一项”或“外市专家”互相交叉，不能同时精确满足；请取消其一",
            "Quota \(last + 1) cuts across “no two experts of one employer” or “one expert from another city”, and no "
                + "exact answer keeps both; drop one of them")
        if lines.count > 1 {
            message = Bilingual(
                "名额第 \(lines[0] + 1) 行与第 \(last + 1) 行有共同的专家而互不包含，不能同时精确满足；请只留一行",
                "Quotas \(lines[0] + 1) and \(last + 1) share experts and neither holds the other, so that no exact "
                    + "answer keeps both; drop one of them")
        }
        return [FieldProblem(field: "quotas.\(last).group", code: "review.quota-crossing", message: message)]
    }

    private func unable(_ pair: Pair) -> [FieldProblem] {
        let (item, expert) = (items[pair.application].item, experts[pair.expert].expert)
        let line = options.pairs.firstIndex { $0.item == item && $0.expert == expert } ?? 0
        return [
            ChosenPair.problem(
                "expert", line: line, "bound", "与其他指定的配对一起超出名额、单位或每人最多项数的限制，请取消其一",
                "together with other chosen pairs it breaks a quota, the limit on employers or the most that the "
                    + "expert takes; drop one of them")
        ]
    }
}
