import Kernel
import Portal

/// The national list of registered contracts (全国技术合同登记表, form JJ-001) with its codes.
enum NationalList {
    /// The codes of a form's choice that the national list writes as they are.
    static func columns(_ form: Form, _ language: Language, _ countries: Countries) -> [ExportColumn<Contract>] {
        func text(_ zh: String, _ en: String, _ name: String) -> ExportColumn<Contract> {
            ExportColumn(Bilingual(zh, en), text: { $0.content[name]?.string ?? "" })
        }
        func choice(_ zh: String, _ en: String, _ name: String) -> ExportColumn<Contract> {
            ExportColumn(Bilingual(zh, en), text: { label(form, name, $0.content[name], language) })
        }
        func money(
            _ zh: String, _ en: String, _ read: @escaping @Sendable (Contract) -> Money?
        ) -> ExportColumn<Contract> {
            ExportColumn(Bilingual(zh, en)) { read($0).map { .money($0) } ?? .none }
        }
        func day(_ zh: String, _ en: String, _ read: @escaping @Sendable (Contract) -> Day?) -> ExportColumn<Contract> {
            ExportColumn(Bilingual(zh, en)) { read($0).map { .day($0) } ?? .none }
        }
        func country(_ zh: String, _ en: String, _ name: String) -> ExportColumn<Contract> {
            ExportColumn(Bilingual(zh, en), text: { countries[$0.content[name]?.string ?? ""]?.numeric ?? "" })
        }
        return [
            ExportColumn(Bilingual("合同登记号", "Registration number"), text: { $0.number ?? "" }),
            ExportColumn(Bilingual("登记机构", "Registrar"), text: \.registrar),
            ExportColumn(Bilingual("项目名称", "Project"), text: \.name),
            choice("合同类型", "Kind", "kind"),
            day("签订日期", "Signed on") { $0.signedOn },
            day("有效期起", "Valid from") { $0.content["starts-on"]?.string.flatMap { Day($0) } },
            day("有效期止", "Valid until") { $0.content["ends-on"]?.string.flatMap { Day($0) } },
            ExportColumn(Bilingual("卖方名称", "Seller"), text: \.seller),
            country("卖方国家代码（GB/T 2659 数字）", "Country of the seller (three digits)", "seller-country"),
            text("卖方行政区划代码", "Division code of the seller", "seller-region"),
            text("卖方性质代码", "Nature of the seller (code)", "seller-nature"),
            ExportColumn(Bilingual("买方名称", "Buyer"), text: \.buyer),
            country("买方国家代码（GB/T 2659 数字）", "Country of the buyer (three digits)", "buyer-country"),
            text("买方行政区划代码", "Division code of the buyer", "buyer-region"),
            text("买方性质代码", "Nature of the buyer (code)", "buyer-nature"),
            money("成交额（元）", "Total, RMB") { $0.total },
            money("技术交易额（元）", "Technical amount, RMB") { $0.technical },
            money("技术性收入（元）", "Technical income, RMB") { $0.income },
            choice("支付方式", "Payment", "payment"),
            choice("技术领域", "Technical field", "field"),
            choice("知识产权", "Intellectual property", "ip"),
            choice("社会经济目标", "Socio-economic objective", "objective"),
            money("预期新增投资额（元）", "Expected new investment, RMB") { amount($0, "new-investment") },
            money("预期新增产值（元）", "Expected new output, RMB") { amount($0, "new-output") },
            day("登记日期", "Registered on") { $0.registeredOn },
            ExportColumn(Bilingual("状态", "State"), text: { $0.state.title[language] }),
        ]
    }

    private static func amount(_ item: Contract, _ name: String) -> Money? {
        item.content[name]?.integer.map(Money.init(fen:))
    }

    /// The words of a choice or of several.
    static func label(_ form: Form, _ name: String, _ value: JSONValue?, _ language: Language) -> String {
        let chosen = value?.array?.compactMap(\.string) ?? [value?.string].compactMap(\.self)
        let options = form.field(name)?.options ?? []
        return chosen.map { code in options.first { $0.value == code }?.label[language] ?? code }
            .joined(separator: language == .chinese ? "、" : ", ")
    }
}
