public import Kernel
public import Ledger

/// Accounts of the books in words, as pages show them. The written form stays their address.
public struct AccountNames: Sendable {
    /// By the code of the programme, as accounts write it.
    private let programmes: [String: Bilingual]

    /// With the programmes of a city's files.
    public init(_ city: Jurisdiction) {
        self.init(city.programmes.map { ($0.code, $0.name) })
    }

    init(_ programmes: [(code: String, name: Bilingual)]) {
        self.programmes = Dictionary(
            programmes.map { (LedgerAccount.code($0.code), $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    /// The station and all that the account is about: `Contract · Natural Science Fund · 2026 · KJ2026-00001`.
    public func name(_ account: LedgerAccount) -> Bilingual {
        let words = [account.kind.name] + zip(account.kind.parts, account.parts).map { word($0, $1) }
        return Bilingual(
            words.map(\.zh).joined(separator: " · "), words.map(\.en).joined(separator: " · "))
    }

    private func word(_ part: AccountPart, _ text: String) -> Bilingual {
        // Codes are kept in lower case; people write numbers of calls and projects in capitals.
        let number = Bilingual(text.uppercased(), text.uppercased())
        return switch part {
        case .source: BudgetSource(rawValue: text)?.name ?? number
        case .programme: programmes[text] ?? number
        case .year: Bilingual("\(text) 年", text)
        case .call, .project: number
        case .heading: ContractBudget.headings.first { $0.value == text }?.label ?? number
        }
    }
}
