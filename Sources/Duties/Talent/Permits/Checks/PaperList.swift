public import Kernel

/// What decides which papers a filing needs.
public struct PaperFacts: Hashable, Sendable {
    /// How the highest degree is authenticated.
    public enum DegreeProof: String, Sendable, CaseIterable {
        case mission, foreignMission = "foreign-mission", institution, apostille, region
    }

    public var kind: FilingKind
    public var category: PermitClass?
    /// Key of the condition relied on, e.g. `b1`.
    public var route = ""
    /// Three letters.
    public var degreeCountry = ""
    public var degreeProof: DegreeProof?
    /// A change of employer in China, which waives what the former permit proved.
    public var changesEmployer = false
    /// Category A: declarations in place of proofs.
    public var commits = false
    public var isPosting = false
    public var hasDependants = false
    public var hasSectorApproval = false
    /// Purpose of a short-term permit.
    public var purpose = ""
    /// What a change is about.
    public var changes: Set<String> = []
    /// Cause of a cancellation or reissue.
    public var cause = ""

    public init(kind: FilingKind) { self.kind = kind }
}

/// One paper that a filing needs.
public struct Paper: Hashable, Sendable {
    public let id: String
    public let title: Bilingual
    public let basis: Bilingual
    /// Valid for so long after its day of issue as the parameter `talent.permit.<name>` says; nil without an end.
    public let ages: String?
    public let isPhoto: Bool
    /// Whether it holds what only those with a need may see.
    public let isPersonal: Bool

    /// The field with the file, and the one with the day of issue.
    public var field: String { "paper-\(id)" }
    public var issuedField: String { "issued-\(id)" }
}

/// A paper that would be needed and is not, with the reason.
public struct Waiver: Hashable, Sendable {
    public let paper: String
    public let title: Bilingual
    public let reason: Bilingual
    public let basis: Bilingual
}

/// The papers of a filing: a pure function of its facts.
public struct PaperList: Hashable, Sendable {
    public private(set) var papers: [Paper] = []
    public private(set) var waivers: [Waiver] = []

    public init(_ facts: PaperFacts) {
        switch facts.kind {
        case .newAbroad, .newDomestic: new(facts)
        case .shortTerm: short(facts)
        case .extension: extended(facts)
        case .change: changed(facts)
        case .cancellation: cancelled(facts)
        case .reissue: reissued(facts)
        case .rVisa:
            passport()
            need("evidence", "符合外国高端人才标准的证明", "Proof of the standard of high-end talent", PermitLaw.talentVisa)
        case .invitation: passport()
        case .employer, .appeal: break
        }
    }

    private mutating func need(
        _ id: String, _ zh: String, _ en: String, _ basis: Bilingual, ages: String? = nil, photo: Bool = false,
        personal: Bool = false
    ) {
        papers.append(
            Paper(
                id: id, title: Bilingual(zh, en), basis: basis, ages: ages, isPhoto: photo, isPersonal: personal))
    }

    private mutating func waive(_ id: String, _ zh: String, _ en: String, _ reason: Bilingual, _ basis: Bilingual) {
        waivers.append(Waiver(paper: id, title: Bilingual(zh, en), reason: reason, basis: basis))
    }

    private mutating func form() {
        need("form", "申请表（双方签字、单位盖章）", "Application form, signed by both and sealed", PermitLaw.guide)
    }

    private mutating func passport() {
        need("passport", "护照资料页", "Passport data page", PermitLaw.guide, personal: true)
    }

    private mutating func photo() {
        need(
            "photo", "照片（白底免冠，JPG，354×472 像素以上，1 MB 以下）",
            "Photo (white background, JPG, at least 354×472 pixels, at most 1 MB)", PermitLaw.photo, photo: true,
            personal: true)
    }

    private mutating func agreement(_ facts: PaperFacts) {
        if facts.isPosting {
            need(
                "contract", "派遣函（中文：地点、职责、报酬、期限、职务、盖章）",
                "Posting letter in Chinese: place, duties, pay, period, post, seal", PermitLaw.beijing)
        } else {
            need(
                "contract", "聘用合同（中文：地点、职责、报酬、期限、职务、盖章）",
                "Contract in Chinese: place, duties, pay, period, post, seal", PermitLaw.beijing)
        }
    }

    /// Routes that rest on pay: the employer commits itself to it and files tax records later.
    private static let paidRoutes: Set<String> = ["a3", "a6", "b4", "b6"]
    /// Routes that rest on degree and career, so that declarations cannot stand in for their proofs.
    private static let provenRoutes: Set<String> = ["a5", "a6"]

    private mutating func new(_ facts: PaperFacts) {
        form()
        let declares = facts.commits && facts.category == .a
        let proven = PaperList.provenRoutes.contains(facts.route)
        let declared = Bilingual("A 类承诺制", "Category A, declared instead")
        if facts.category != .c {
            if declares && !proven {
                waive("work", "工作经历证明", "Proof of work history", declared, PermitLaw.guide)
                waive("degree", "最高学位证书", "Certificate of the highest degree", declared, PermitLaw.guide)
            } else {
                need("work", "工作经历证明", "Proof of work history", PermitLaw.beijing)
                degree(facts)
            }
        }
        health(facts, declares: declares, declared)
        agreement(facts)
        passport()
        photo()
        if facts.kind == .newDomestic {
            need("visa", "有效签证或居留许可页", "Valid visa or residence permit page", PermitLaw.beijing, personal: true)
        }
        if facts.changesEmployer {
            need("cancellation", "原工作许可注销证明", "Certificate of cancellation of the former permit", PermitLaw.beijing)
        }
        evidence(facts)
        if facts.hasDependants {
            need("family", "随行家属关系证明", "Proof of relation of dependants", PermitLaw.beijing, personal: true)
        }
        if facts.hasSectorApproval {
            need("sector", "行业主管部门批准文件", "Approval of the sector", PermitLaw.conditions)
        }
    }

    private mutating func degree(_ facts: PaperFacts) {
        if facts.route == "b2" {
            need("degree", "国际通用职业技能资格证书", "Vocational qualification certificate", PermitLaw.standard)
            return
        }
        switch facts.degreeProof {
        case .apostille:
            need("degree", "最高学位证书（附加证明书）", "Certificate of the highest degree with apostille", PermitLaw.apostille)
        case .institution:
            need(
                "degree", "最高学位证书（学历认证机构认证）", "Certificate of the highest degree, authenticated in China",
                PermitLaw.beijing)
        case .region:
            need(
                "degree", "最高学位证书（港澳台地区认证）", "Certificate of the highest degree, by the region's own route",
                PermitLaw.beijing)
        case .foreignMission:
            need(
                "degree", "最高学位证书（该国驻华使领馆认证）", "Certificate of the highest degree, by the mission in China",
                PermitLaw.beijing)
        case .mission, nil:
            need(
                "degree", "最高学位证书（我驻外使领馆认证）", "Certificate of the highest degree, by a Chinese mission",
                PermitLaw.beijing)
        }
    }

    private mutating func health(_ facts: PaperFacts, declares: Bool, _ declared: Bilingual) {
        let moved = Bilingual("变换用人单位，免交", "Waived for a change of employer")
        let medical = ("体检证明（六个月内）", "Medical certificate, at most six months old")
        let criminal = ("无犯罪记录证明（六个月内）", "No-criminal-record certificate, at most six months old")
        if facts.changesEmployer {
            waive("medical", medical.0, medical.1, moved, PermitLaw.beijing)
            waive("criminal", criminal.0, criminal.1, moved, PermitLaw.beijing)
            return
        }
        need("medical", medical.0, medical.1, PermitLaw.beijing, ages: "paper.months", personal: true)
        if declares {
            waive("criminal", criminal.0, criminal.1, declared, PermitLaw.guide)
        } else {
            need("criminal", criminal.0, criminal.1, PermitLaw.beijing, ages: "paper.months", personal: true)
        }
    }

    private mutating func evidence(_ facts: PaperFacts) {
        if facts.category != .c, facts.route != "b1" {
            need("evidence", "符合所申请类别的证明", "Proof of the category applied for", PermitLaw.standard)
        }
        if PaperList.paidRoutes.contains(facts.route) {
            need("salary", "工资薪金支付承诺书", "Commitment letter on the salary", PermitLaw.beijing)
        }
    }

    private mutating func short(_ facts: PaperFacts) {
        form()
        need("agreement", "工作合同或合作协议", "Contract or cooperation agreement", PermitLaw.shortTerm)
        passport()
        photo()
        if facts.purpose == "performance" || facts.purpose == "film" || facts.purpose == "sport" {
            need("sector", "行业主管部门批准文件", "Approval of the sector", PermitLaw.shortTerm)
        }
    }

    private mutating func extended(_ facts: PaperFacts) {
        form()
        agreement(facts)
        passport()
        need("visa", "有效居留许可页", "Valid residence permit page", PermitLaw.guide, personal: true)
        if PaperList.paidRoutes.contains(facts.route) {
            need("tax", "个人所得税纳税记录", "Records of income tax", PermitLaw.beijing, personal: true)
        }
    }

    private mutating func changed(_ facts: PaperFacts) {
        form()
        if !facts.changes.isDisjoint(with: ["name", "passport"]) { passport() }
        if !facts.changes.isDisjoint(with: ["post", "category"]) {
            need("proof", "变更事由的证明", "Proof of the change", PermitLaw.guide)
        }
    }

    private mutating func cancelled(_ facts: PaperFacts) {
        switch facts.cause {
        case "contact":
            need("notice", "登报公告（市级以上报纸）", "Newspaper notice of city level or above", PermitLaw.beijing)
            waive(
                "form", "本人签字的申请表", "Form signed by the person",
                Bilingual("失去联系，免本人签字", "Contact is lost, so no signature is needed"), PermitLaw.beijing)
        case "death":
            need("proof", "死亡或丧失行为能力的证明", "Proof of death or incapacity", PermitLaw.guide, personal: true)
        default:
            form()
            need("proof", "合同解除或终止的证明", "Proof that the contract ended", PermitLaw.guide)
        }
    }

    private mutating func reissued(_ facts: PaperFacts) {
        if facts.cause == "correction" {
            need("proof", "信息有误的证明", "Proof of the wrong data", PermitLaw.guide)
        }
    }
}
