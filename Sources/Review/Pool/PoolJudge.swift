import Kernel
import Store

/// Judges what is told of experts, by a file or by themselves, by what is registered.
struct PoolJudge {
    struct Entry {
        let account: AccountCard
        let known: Expert?
        let title: String
        let employer: Organisation
        let fields: [String]
        let keywords: [String]
        let load: Int?
        let languages: [ReviewLanguage]
    }

    private var accounts: [String: AccountCard] = [:]
    private var experts: [ID<Account>: Expert] = [:]
    private var places: [String: Organisation] = [:]
    private var keywords: [ID<Expert>: Set<String>] = [:]
    private var rows: [String: Int] = [:]

    init(_ lines: [FilledTable.Row], _ tx: Tx) throws {
        for part in lines.map({ $0["login"] }).distinctBlocks {
            for card in try AccountStore.find(logins: part, tx) { accounts[card.login] = card }
        }
        for part in accounts.values.map(\.id.text).distinctBlocks {
            for expert in try ExpertStore.find(accounts: part.map { ID($0) }, tx) { experts[expert.account] = expert }
        }
        for part in experts.values.map(\.id.text).distinctBlocks {
            try tx.forEach("SELECT expert, text FROM expert_text WHERE kind = 'keyword' AND expert IN \(list: part)") {
                row in keywords[try row["expert"], default: []].insert(try row["text"])
            }
        }
        for part in lines.map({ $0["employer"].uppercased() }).distinctBlocks {
            let ids = try tx.rows("SELECT id FROM organisation WHERE uscc IN \(list: part)") {
                try $0["id"] as ID<OrganisationMark>
            }
            for place in try Registry.organisations(ids, tx).values { places[place.uscc] = place }
        }
    }

    mutating func judge(_ row: FilledTable.Row) -> (line: PoolImport.Line, entry: Entry?) {
        var problems: [FieldProblem] = []
        func miss(_ field: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: "expert.\(field)", message: Bilingual(zh, en)))
        }
        let account = accounts[row["login"]]
        let known = account.flatMap { experts[$0.id] }
        let employer = places[row["employer"].uppercased()]
        let fields = Set(Keywords.list(row["fields"].replacing(" ", with: ";"))).sorted()
        let words = Keywords.list(row["keywords"])
        let load = Int(row["load"])
        let languages = PoolJudge.languages(row["languages"], else: known?.languages ?? [.chinese])
        if let account {
            if !account.roles.isDisjoint(with: Role.staff) {
                miss("login", "本局工作人员不能担任评审专家", "Bureau staff cannot be experts")
            }
            if account.person == nil { miss("login", "账号未关联人员信息", "The account is not linked to a person") }
        } else {
            miss("login", "没有登录名「\(row["login"])」", "There is no account '\(row["login"])'")
        }
        if row["title"].isEmpty || row["title"].count > 60 {
            miss("title", "请填写职称，最多 60 字", "Give the title, at most 60 characters")
        }
        if employer == nil {
            miss("employer", "主体库里没有「\(row["employer"])」", "'\(row["employer"])' is not registered")
        }
        if fields.isEmpty || fields.count > 10 || fields.contains(where: { $0.count > 10 }) {
            miss("fields", "请填写 1 至 10 个学科代码，用分号隔开", "Give 1 to 10 codes of disciplines with semicolons between")
        }
        if words.count > ExpertTexts.most || words.contains(where: { $0.count > ExpertTexts.longest }) {
            miss("keywords", "关键词太多或太长", "There are too many keywords, or one is too long")
        }
        if !row["load"].isEmpty, load.map({ !(1...200).contains($0) }) ?? true {
            miss("load", "每轮最多项数应为 1 至 200", "The most in a round is 1 to 200")
        }
        if languages.isEmpty { problems.append(ReviewLanguage.problem) }
        if let first = rows[row["login"]] { miss("login", "与第 \(first) 行同一登录名", "The same login as row \(first)") }
        rows[row["login"]] = rows[row["login"]] ?? row.number
        func line(_ outcome: ImportOutcome) -> PoolImport.Line {
            PoolImport.Line(
                number: row.number, login: row["login"], employer: row["employer"], outcome: outcome,
                problems: problems)
        }
        guard problems.isEmpty, let account, let employer else { return (line(.refused), nil) }
        if let known, known.title == row["title"], known.organisation == employer.id, known.fields == fields,
            known.maxLoad == load, known.languages == languages, account.roles.contains(.expert),
            words.isEmpty || Set(words) == keywords[known.id] ?? []
        {
            return (line(.known), nil)
        }
        return (
            line(.fits),
            Entry(
                account: account, known: known, title: row["title"], employer: employer, fields: fields,
                keywords: words, load: load, languages: languages)
        )
    }

    /// The languages of a row, in the order of the list; none where one is unknown.
    /// - Parameter held: what stays where the row says nothing, as in a file without the column.
    private static func languages(_ typed: String, else held: [ReviewLanguage]) -> [ReviewLanguage] {
        let words = Keywords.list(typed.replacing(" ", with: ";"))
        guard !words.isEmpty else { return held }
        let found = words.compactMap { ReviewLanguage(typed: $0) }
        return found.count == words.count ? ReviewLanguage.ordered(found) : []
    }
}
