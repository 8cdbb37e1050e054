import Kernel
import Store

/// What is worked out of a filed contract: its facts for the rules, and everything that is wrong with it.
struct ContractCheck: Sendable {
    /// What was filled in and asked.
    let content: JSONValue
    let law: Law
    let city: Jurisdiction

    private func text(_ name: String) -> String? { content[name]?.string }
    private func money(_ name: String) -> Money? { content[name]?.integer.map(Money.init(fen:)) }
    private func flag(_ name: String) -> Bool? { text(name).map { $0 == "yes" } }

    /// The facts of the amounts: exclusions are added up by heading.
    var amountFacts: ContractFacts {
        var facts = ContractFacts()
        facts.total = money("total")
        func sum(_ heading: String) -> Money? {
            let rows = (content["exclusions"]?.array ?? []).filter { $0["heading"]?.string == heading }
            return rows.isEmpty ? nil : Money.sum(rows.map { Money(fen: $0["amount"]?.integer ?? 0) })
        }
        facts.equipment = sum("equipment")
        facts.instruments = sum("instruments")
        facts.parts = sum("parts")
        facts.materials = sum("materials")
        facts.other = sum("other")
        facts.carrier = text("carrier").flatMap(CarrierKind.init(rawValue:))
        facts.carrierCost = money("carrier-cost")
        facts.carriers = content["carriers"]?.integer.map(Int.init)
        facts.carriersNeeded = content["carriers-needed"]?.integer.map(Int.init)
        facts.passedOn = money("passed-on")
        facts.disputed = flag("disputed") ?? false
        return facts
    }

    /// Whether the seller is abroad; nil while its country is missing.
    private var imported: Bool? { text("seller-country").map { $0 != "CHN" } }

    /// The facts of the conditions. The seat is that of whoever sends it in.
    var gateFacts: ContractGateFacts {
        var facts = ContractGateFacts()
        facts.kind = text("kind").map { ContractKind(form: $0) }
        facts.written = flag("written")
        facts.filedBySeller = text("filed-by").map { $0 == "seller" }
        facts.imported = imported
        let home = (try? law.codes("talent.place").value.first).map { String($0.prefix(4)) } ?? ""
        let region = text(text("filed-by") == "buyer" ? "buyer-region" : "seller-region")
        facts.seatHere = region.map { !home.isEmpty && $0.hasPrefix(home) }
        facts.validUntil = text("ends-on").flatMap { Day($0) }
        facts.registeredElsewhere = flag("elsewhere")
        return facts
    }

    func amounts() throws -> (outcome: ContractAmounts, ruling: Ruling) {
        let rule = try ContractAmountRule(law)
        return (rule.decide(amountFacts), rule.ruling(amountFacts, on: law.day))
    }

    func gate() throws -> (outcome: ContractGateOutcome, ruling: Ruling) {
        let rule = try ContractGateRule(law)
        return (rule.decide(gateFacts), rule.ruling(gateFacts, on: law.day))
    }

    /// Everything that keeps the contract from being registered, each with its rule.
    func problems() throws -> [FieldProblem] {
        let (gate, ruling) = try gate()
        let fields = [
            "kind": "kind", "written": "written", "once": "elsewhere", "side": "filed-by", "seat": "filed-by",
            "validity": "ends-on",
        ]
        var found = ruling.trace.filter { gate.failed.contains($0.key) }.map { step in
            FieldProblem(
                field: fields[step.key] ?? "", code: "contract.\(step.key)",
                message: Bilingual("不予登记：\(step.what.zh)", "Cannot be registered: \(step.what.en)"),
                basis: step.law?.source.cited)
        }
        let (amounts, trace) = try amounts()
        if amounts.total != nil, amounts.technical == nil {
            let missing = trace.missing.map {
                ["carrierCost": "carrier-cost", "carriersNeeded": "carriers-needed"][$0] ?? $0
            }
            found += missing.map {
                Self.problem(
                    $0, "contract.carrier", "有载体时须填写其直接成本、数量和所需数量", "Carriers need their cost, number and needed number"
                )
            }
            if missing.isEmpty {
                found.append(
                    Self.problem(
                        "exclusions", "contract.exclusions", "扣除额合计超过成交额，请核对",
                        "More is taken off than the total; compare"))
            }
        }
        return found + formal()
    }

    /// What the form alone cannot see.
    private func formal() -> [FieldProblem] {
        var found: [FieldProblem] = []
        for side in ["seller", "buyer"] {
            let country = text("\(side)-country") ?? ""
            if !country.isEmpty, city.countries[country]?.alpha3 != country {
                found.append(
                    Self.problem(
                        "\(side)-country", "contract.country", "国家（地区）代码应为三个字母，如 CHN",
                        "The country is three letters such as CHN"))
            }
            let region = text("\(side)-region") ?? ""
            if country == "CHN", region.utf8.count != 6 || !region.utf8.allSatisfy({ (48...57).contains($0) }) {
                found.append(
                    Self.problem(
                        "\(side)-region", "contract.region", "境内一方须填写六位行政区划代码，如 440305",
                        "A side in China needs its division code of six digits such as 440305"))
            }
        }
        if let from = text("starts-on").flatMap({ Day($0) }), let to = text("ends-on").flatMap({ Day($0) }), to < from {
            found.append(
                Self.problem("ends-on", "contract.term", "有效期止不能早于起", "The end lies before the beginning"))
        }
        if ContractKind(form: text("kind")) == .transfer {
            for (name, zh, en) in [
                ("new-investment", "预期新增投资额", "Expected new investment"),
                ("new-output", "预期新增产值", "Expected new output"),
            ]
            where content[name]?.integer == nil {
                found.append(
                    Self.problem(name, "contract.expected", "技术转让合同须填写\(zh)", "\(en) is required of a transfer"))
            }
        }
        return found
    }

    static func problem(_ field: String, _ code: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: code, message: Bilingual(zh, en))
    }
}
