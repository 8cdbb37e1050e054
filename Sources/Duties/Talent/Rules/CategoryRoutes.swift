import Kernel

/// The routes of each category, one statement a route.
extension CategoryRule {
    typealias Parts = (scoring: [TraceStep], paying: [TraceStep], pointsMissing: [String], wageMissing: [String])

    func highEnd(
        _ facts: CategoryFacts, _ scored: PointsOutcome, _ paid: WageOutcome, _ parts: Parts, _ routes: inout RouteList
    ) {
        let law = points.classA.reference
        routes.add(
            "a1", .a, Bilingual("A1 入选国内人才引进计划", "A1 selected into a domestic talent programme"),
            facts.talentProgramme, missing: ["talentProgramme"], law: law)
        routes.add(
            "a2", .a, Bilingual("A2 符合国际公认的专业成就认定标准", "A2 internationally recognised achievement"),
            facts.recognisedAchievement, missing: ["recognisedAchievement"], law: law)
        routes.add(
            "a3-post", .a, Bilingual("A3 符合市场导向的鼓励类岗位需求", "A3 an encouraged post"), facts.encouragedPost,
            missing: ["encouragedPost"], law: law)
        routes.add(
            "a3-wage", .a, Bilingual("A3 工资达到当地平均工资 6 倍", "A3 wage of the multiple of category A"), paid.reachesA,
            missing: parts.wageMissing, law: wage.multipleA.reference, steps: parts.paying)
        entrepreneur(facts, &routes)
        let young = facts.points.age.map { Int64($0) <= youngAge.value }
        routes.add(
            "a5", .a,
            Bilingual("A5 优秀青年人才：不超过最高年龄的博士后", "A5 outstanding young talent: post-doctoral, not above the age"),
            Ternary.and(facts.postDoctoral, young),
            missing: missing(("postDoctoral", facts.postDoctoral == nil), ("age", young == nil)),
            law: youngAge.reference)
        routes.add(
            "a6", .a, Bilingual("A6 积分达到 A 类线", "A6 points of category A"), reaches(points.classA.value, scored),
            missing: parts.pointsMissing, law: law, steps: parts.scoring)
    }

    private func entrepreneur(_ facts: CategoryFacts, _ routes: inout RouteList) {
        let money = facts.investmentUSD.map { Int64($0) >= investment.value }
        let years = facts.investmentYears.map { Int64($0) >= investmentYears.value }
        let share = facts.shareholding.map { Int64($0) >= shareholding.value }
        let income = facts.investedRevenue.map { $0 >= revenue.value }
        func part(_ key: String, _ zh: String, _ en: String, _ met: Bool?, _ law: LawReference) -> TraceStep {
            TraceStep(key, Bilingual(zh, en), met.map { $0 ? .met : .unmet } ?? .unknown, law: law)
        }
        routes.add(
            "a4", .a, Bilingual("A4 创新创业人才", "A4 innovation and entrepreneurship"),
            Ternary.or(Ternary.and(money, years, share), income),
            missing: missing(
                ("investmentUSD", money == nil), ("investmentYears", years == nil), ("shareholding", share == nil),
                ("investedRevenue", income == nil)),
            law: investment.reference,
            steps: [
                part("investment", "累计实际投资额", "Actual investment", money, investment.reference),
                part("investment-years", "连续稳定投资年数", "Years of stable investment", years, investmentYears.reference),
                part("shareholding", "个人股权比例", "Personal share", share, shareholding.reference),
                part("revenue", "所投企业营业收入", "Revenue of the enterprise", income, revenue.reference),
            ])
    }

    func professional(
        _ facts: CategoryFacts, _ scored: PointsOutcome, _ paid: WageOutcome, _ parts: Parts, _ routes: inout RouteList
    ) {
        let law = points.classB.reference
        let degree = facts.points.education.map { $0 != .none }
        let worked = facts.points.yearsOfWork.map { Int64($0) >= yearsOfWork.value }
        let post = facts.post.map { $0 != .none }
        let graduate = excellentGraduate(facts)
        routes.add(
            "b1", .b,
            Bilingual(
                "B1 学士以上、两年以上相关工作经历的专业岗位（优秀毕业生免工作经历）",
                "B1 bachelor or above with two years of related work in a professional post (excellent graduates need no work)"
            ),
            Ternary.and(degree, Ternary.or(worked, graduate), post),
            missing: missing(
                ("education", degree == nil), ("yearsOfWork", worked == nil), ("post", post == nil)),
            law: yearsOfWork.reference,
            steps: [
                TraceStep(
                    "b1-degree", Bilingual("学士以上", "Bachelor or above"), verdict(degree),
                    value: facts.points.education?.fact, law: law),
                TraceStep(
                    "b1-years", Bilingual("相关工作年限", "Years of related work"), verdict(worked),
                    value: facts.points.yearsOfWork.map { Self.plain(Int64($0)) },
                    against: Self.plain(yearsOfWork.value),
                    law: yearsOfWork.reference),
                TraceStep(
                    "b1-graduate", Bilingual("优秀外籍毕业生", "Excellent foreign graduate"), verdict(graduate),
                    law: graduateAverage.reference),
                TraceStep(
                    "b1-post", Bilingual("专业岗位", "Professional post"), verdict(post), value: facts.post?.fact, law: law),
            ])
        routes.add(
            "b2", .b,
            Bilingual("B2 国际通用职业技能资格或急需技能型人才", "B2 recognised vocational qualification or urgently needed skill"),
            facts.recognisedQualification, missing: ["recognisedQualification"], law: law)
        teacher(facts, degree, &routes)
        routes.add(
            "b4", .b, Bilingual("B4 工资达到当地平均工资 4 倍", "B4 wage of the multiple of category B"), paid.reachesB,
            missing: parts.wageMissing, law: wage.multipleB.reference, steps: parts.paying)
        routes.add(
            "b5", .b, Bilingual("B5 主管部门规定的专门人员和项目人员", "B5 special personnel under rules of a ministry"),
            facts.specialPersonnel, missing: ["specialPersonnel"], law: law)
        routes.add(
            "b6", .b, Bilingual("B6 积分达到 B 类线", "B6 points of category B"), reaches(points.classB.value, scored),
            missing: parts.pointsMissing, law: law, steps: parts.scoring)
    }

    private func teacher(_ facts: CategoryFacts, _ degree: Bool?, _ routes: inout RouteList) {
        let taught = facts.teachingYears.map { Int64($0) >= teachingYears.value }
        let experience = Ternary.or(taught, facts.teachingCertificate)
        routes.add(
            "b3", .b, Bilingual("B3 外国语言教学人员", "B3 foreign-language teacher"),
            Ternary.and(facts.languageTeacher, facts.nativeLanguage, degree, experience),
            missing: missing(
                ("languageTeacher", facts.languageTeacher == nil), ("nativeLanguage", facts.nativeLanguage == nil),
                ("education", degree == nil), ("teachingYears", taught == nil),
                ("teachingCertificate", facts.teachingCertificate == nil)),
            law: teachingYears.reference)
    }

    /// 优秀外籍高校毕业生: master or above of a known university, within a year, with good marks, in their major.
    private func excellentGraduate(_ facts: CategoryFacts) -> Bool? {
        let degree = facts.points.education.map { $0 == .master || $0 == .doctor }
        let recent = facts.yearsSinceGraduation.map { Int64($0) <= graduateYears.value }
        let marks = facts.averageMark.map { Int64($0) >= graduateAverage.value }
        return Ternary.and(facts.graduateOfKnownUniversity, degree, recent, marks, facts.majorMatches)
    }

    func others(_ facts: CategoryFacts, _ routes: inout RouteList) {
        routes.add(
            "c", .c, Bilingual("C 其他外国人员", "C other staff"), facts.other.map { $0 != .none }, missing: ["other"],
            law: points.classB.reference)
    }

    private func reaches(_ line: Int64, _ scored: PointsOutcome) -> Bool? {
        Int64(scored.points) >= line ? true : Int64(scored.atMost) < line ? false : nil
    }

    private func verdict(_ met: Bool?) -> TraceStep.Verdict { met.map { $0 ? .met : .unmet } ?? .unknown }

    private func missing(_ facts: (name: String, isMissing: Bool)...) -> [String] {
        facts.filter(\.isMissing).map(\.name)
    }
}
