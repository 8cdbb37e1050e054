internal import Kernel

/// The words of which the synthetic city is made: each in Chinese and English.
enum Vocabulary {
    static let surnames: [Bilingual] = pairs(
        "王 Wang|李 Li|张 Zhang|刘 Liu|陈 Chen|杨 Yang|黄 Huang|赵 Zhao|吴 Wu|周 Zhou|徐 Xu|孙 Sun|马 Ma|朱 Zhu|胡 Hu|林 Lin|郭 Guo|何 He|高 Gao|罗 Luo|郑 Zheng|梁 Liang|谢 Xie|宋 Song|唐 Tang|许 Xu|邓 Deng|韩 Han|冯 Feng|曹 Cao|彭 Peng|曾 Zeng|肖 Xiao|田 Tian|董 Dong|潘 Pan|袁 Yuan|蔡 Cai|蒋 Jiang|余 Yu|叶 Ye|程 Cheng|魏 Wei|苏 Su|吕 Lü|丁 Ding|沈 Shen|任 Ren|姚 Yao|卢 Lu|欧阳 Ouyang|司徒 Situ"
    )
    static let given: [Bilingual] = pairs(
        "伟 wei|芳 fang|静 jing|敏 min|强 qiang|磊 lei|洋 yang|勇 yong|军 jun|杰 jie|娟 juan|涛 tao|明 ming|超 chao|兰 lan|霞 xia|平 ping|刚 gang|桂 gui|英 ying|华 hua|文 wen|玲 ling|斌 bin|波 bo|宁 ning|建 jian|国 guo|嘉 jia|晨 chen|雨 yu|思 si|子 zi|涵 han|欣 xin|怡 yi|俊 jun|博 bo|浩 hao|宇 yu|梓 zi|睿 rui|泽 ze|琪 qi|雪 xue|海 hai|龙 long|燕 yan|春 chun|秋 qiu|立 li|志 zhi|振 zhen|晓 xiao|东 dong|卓 zhuo|然 ran|逸 yi"
    )
    static let brands: [Bilingual] = pairs(
        "华创 Huachuang|鹏芯 Pengxin|南山 Nanshan|光峰 Guangfeng|深智 Shenzhi|海纳 Haina|云汇 Yunhui|启元 Qiyuan|博拓 Botuo|科锐 Kerui|天衡 Tianheng|远见 Yuanjian|星河 Xinghe|瑞声 Ruisheng|湾区 Bay Area|特创 Techuang|坪山 Pingshan|莲花 Lianhua|梧桐 Wutong|前海 Qianhai|大湾 Dawan|微纳 Weina|聚能 Juneng|清澜 Qinglan|安捷 Anjie|鸿图 Hongtu|优必 Youbi|锐芯 Ruixin|沃能 Woneng|仁合 Renhe"
    )
    static let trades: [Bilingual] = pairs(
        "生物科技 Biotechnology|半导体 Semiconductor|智能装备 Intelligent Equipment|新材料 Advanced Materials|新能源 New Energy|医疗器械 Medical Devices|软件 Software|光电 Optoelectronics|机器人 Robotics|环保科技 Environmental Technology|通信技术 Communications|航空航天 Aerospace|海洋工程 Ocean Engineering|数据科技 Data Technology"
    )
    static let institutes: [Bilingual] = pairs(
        "先进技术研究院 Institute of Advanced Technology|脑科学研究院 Brain Science Institute|合成生物研究院 Synthetic Biology Institute|集成电路研究院 Integrated Circuit Institute|量子科学研究院 Quantum Science Institute|海洋研究院 Ocean Institute|材料基因研究院 Materials Genome Institute|数字经济研究院 Digital Economy Institute"
    )
    static let colleges: [Bilingual] = pairs(
        "理工大学 University of Science and Engineering|科技大学 University of Technology|医科大学 Medical University|湾区大学 Bay Area University|师范大学 Normal University|职业技术大学 Polytechnic University"
    )
    static let hospitals: [Bilingual] = pairs(
        "第一人民医院 First People's Hospital|中医院 Hospital of Chinese Medicine|儿童医院 Children's Hospital|肿瘤医院 Cancer Hospital|眼科医院 Eye Hospital"
    )
    static let districts: [(code: String, name: Bilingual)] = [
        ("440303", Bilingual("罗湖区", "Luohu")), ("440304", Bilingual("福田区", "Futian")),
        ("440305", Bilingual("南山区", "Nanshan")), ("440306", Bilingual("宝安区", "Bao'an")),
        ("440307", Bilingual("龙岗区", "Longgang")), ("440308", Bilingual("盐田区", "Yantian")),
        ("440309", Bilingual("龙华区", "Longhua")), ("440310", Bilingual("坪山区", "Pingshan")),
        ("440311", Bilingual("光明区", "Guangming")),
    ]
    /// Fields of work: the discipline code of GB/T 13745 and what a project there may be about.
    static let fields: [Field] = [
        Field(
            "520", Bilingual("计算机科学技术", "Computer science"),
            methods: "深度学习 deep learning|联邦学习 federated learning|知识图谱 knowledge graphs|强化学习 reinforcement learning",
            objects:
                "城市交通调度 urban traffic scheduling|工业缺陷检测 industrial defect inspection|多模态大模型 multimodal foundation models|隐私计算 privacy computing"
        ),
        Field(
            "510", Bilingual("电子与通信技术", "Electronics and communications"),
            methods:
                "太赫兹 terahertz sensing|硅基光电子 silicon photonics|异质集成 heterogeneous integration|智能超表面 reconfigurable surfaces",
            objects:
                "车规级芯片 automotive chips|低轨卫星通信 low-orbit satellite links|六代移动通信基站 6G base stations|功率器件 power devices"),
        Field(
            "430", Bilingual("材料科学", "Materials science"),
            methods:
                "高通量计算 high-throughput computing|原子层沉积 atomic layer deposition|3D打印 additive manufacturing|自组装 self-assembly",
            objects:
                "固态电解质 solid electrolytes|高熵合金 high-entropy alloys|柔性显示薄膜 flexible display films|二维材料 two-dimensional materials"
        ),
        Field(
            "180", Bilingual("生物学", "Biology"),
            methods:
                "单细胞测序 single-cell sequencing|基因编辑 genome editing|合成生物 synthetic biology|冷冻电镜 cryo-electron microscopy",
            objects:
                "微生物细胞工厂 microbial cell factories|膜蛋白结构 membrane protein structures|神经环路 neural circuits|作物抗逆 crop stress resistance"
        ),
        Field(
            "320", Bilingual("临床医学", "Clinical medicine"),
            methods: "多组学 multi-omics|液体活检 liquid biopsy|影像组学 radiomics|免疫治疗 immunotherapy",
            objects:
                "早期肺癌筛查 early lung cancer screening|糖尿病肾病 diabetic kidney disease|阿尔茨海默病 Alzheimer's disease|儿童罕见病 rare diseases of children"
        ),
        Field(
            "480", Bilingual("能源科学技术", "Energy technology"),
            methods: "数字孪生 digital twins|液冷 liquid cooling|电催化 electrocatalysis|虚拟电厂 virtual power plants",
            objects:
                "海上风电并网 offshore wind integration|绿氢制取 green hydrogen|动力电池回收 traction battery recycling|建筑光储 building photovoltaics and storage"
        ),
        Field(
            "610", Bilingual("环境科学技术", "Environmental technology"),
            methods:
                "遥感反演 remote-sensing retrieval|膜分离 membrane separation|碳足迹核算 carbon footprinting|生态修复 ecological restoration",
            objects:
                "近岸海域新污染物 emerging coastal pollutants|红树林湿地 mangrove wetlands|城市内涝 urban flooding|建筑垃圾资源化 construction-waste recovery"
        ),
        Field(
            "460", Bilingual("机械工程", "Mechanical engineering"),
            methods:
                "人机协作 human-robot collaboration|精密光学加工 precision optical machining|仿生结构 bionic structures|故障预测 failure prognosis",
            objects: "手术机器人 surgical robots|谐波减速器 harmonic reducers|五轴机床 five-axis machine tools|无人机集群 drone swarms"),
    ]
    static let titleForms: [(zh: String, en: String)] = [
        ("基于{m}的{o}关键技术研究", "Key technologies for {o} based on {m}"),
        ("面向{o}的{m}方法与应用", "Methods and applications of {m} for {o}"),
        ("{m}驱动的{o}机理研究", "Mechanisms of {o} driven by {m}"),
        ("{o}中的{m}核心装备研发", "Development of core equipment of {m} for {o}"),
    ]
    static let titles: [Bilingual] = pairs(
        "教授 Professor|研究员 Research Professor|主任医师 Chief Physician|正高级工程师 Senior Principal Engineer|副教授 Associate Professor|高级工程师 Senior Engineer"
    )

    struct Field: Sendable {
        let code: String
        let name: Bilingual
        let methods: [Bilingual]
        let objects: [Bilingual]

        init(_ code: String, _ name: Bilingual, methods: String, objects: String) {
            self.code = code
            self.name = name
            self.methods = Vocabulary.pairs(methods)
            self.objects = Vocabulary.pairs(objects)
        }
    }

    /// Splits `中文 English|…` at the first space of each entry.
    static func pairs(_ text: String) -> [Bilingual] {
        text.split(separator: "|").map { entry in
            let parts = entry.split(separator: " ", maxSplits: 1)
            return Bilingual(String(parts[0]), String(parts.last ?? ""))
        }
    }
}
