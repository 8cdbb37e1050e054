public import Kernel
public import Review
public import Store

extension Funding {
    /// What judges read of an application.
    public static func papersForm(of id: ID<CaseFile>, _ tx: Tx) throws -> Form {
        try CallStore.require(try ApplicationStore.require(id, tx).call, tx).content.reviewForm
    }

    /// The forms that applications fill in: those of their calls, each read once.
    public static func forms(_ ids: [ID<CaseFile>], _ tx: Tx) throws -> [ID<CaseFile>: Form] {
        let applications = try ApplicationStore.all(ids, tx)
        var forms: [ID<Call>: Form] = [:]
        for call in Set(applications.values.map(\.call)) {
            forms[call] = try CallStore.require(call, tx).content.wholeForm
        }
        return applications.compactMapValues { forms[$0.call] }
    }

    /// What conflicts ask of applications and experts when a panel meets.
    public static func meetingFacts(_ house: House) -> MeetingFacts {
        let rules = house.city.rules
        return { cases, wanted, day, tx in
            let years = try rules.number("review.shared-project-years", on: day)
            let applications = try ApplicationStore.all(cases.map(\.id), tx)
            var found: [(item: ItemFacts, experts: [ExpertFacts])] = []
            for (id, group) in Dictionary(grouping: applications.values, by: \.call).sorted(by: {
                $0.key.text < $1.key.text
            }) {
                let call = try CallStore.require(id, tx)
                let experts = try CallReview.experts(call, since: day.parts.year - years, tx).map(\.1)
                    .filter { wanted.contains($0.expert) }
                for item in try CallReview.items(of: group, tx) { found.append((item, experts)) }
            }
            return found
        }
    }
}

extension CallReview {
    /// Applications, wherever they stand, with everybody who takes part in them.
    static func items(of applications: [Application], _ tx: Tx) throws -> [ItemFacts] {
        var people: [ApplicationID: Set<ID<PersonMark>>] = [:]
        var organisations: [ApplicationID: Set<ID<OrganisationMark>>] = [:]
        let ids = applications.map(\.id)
        try tx.forEach(
            "SELECT case_id, person, organisation FROM application_participant WHERE case_id IN \(list: ids)"
        ) { row in
            let id: ApplicationID = try row["case_id"]
            if let person: ID<PersonMark> = try row["person"] { people[id, default: []].insert(person) }
            if let place: ID<OrganisationMark> = try row["organisation"] {
                organisations[id, default: []].insert(place)
            }
        }
        return applications.sorted { $0.number < $1.number }.map { item in
            ItemFacts(
                item: item.id, title: item.title, field: item.field, investigator: item.investigator,
                organisation: item.organisation, people: people[item.id] ?? [],
                organisations: organisations[item.id] ?? [])
        }
    }
}
