import Store

extension StoreError {
    /// What its description says in English.
    var chinese: String {
        switch self {
        case .unique(let name): "已有相同的记录（\(name)）"
        case .foreignKey(let name): "所引用的记录不存在，或者仍被引用（\(name)）"
        case .check(let name): "数值超出该列允许的范围（\(name)）"
        case .notNull(let name): "缺少必填的数值（\(name)）"
        case .busy: "数据库被其他写入者占用过久，请稍后再试"
        case .serialization: "事务与其他事务冲突次数过多，请稍后再试"
        case .writeForbidden: "只读的操作试图写入"
        case .poolExhausted: "未能及时取得数据库连接，请稍后再试"
        case .decoding(let column, let reason): "无法读取列 \(column)：\(reason)"
        case .sql(let message): "数据库拒绝执行语句：\(message)"
        case .program(let message): "数据库自带的程序运行失败：\(message)"
        case .notEmpty(let place): "\(place) 不是空的"
        default: chineseOfPlace
        }
    }

    /// The errors of the machine and the connection on which the database lies.
    private var chineseOfPlace: String {
        switch self {
        case .connectionLost(let reason): "与数据库的连接已中断：\(reason)"
        case .outcomeUnknown(let reason): "与数据库的连接已中断，最后一个事务是否保存尚不清楚，请核对：\(reason)"
        case .diskFull(let reason): "数据库所在的磁盘已满：\(reason)"
        case .diskFailed(let reason): "数据库所在的磁盘无法使用：\(reason)"
        case .damaged(let reason): "数据库已损坏，请从备份恢复：\(reason)"
        case .newerSchema(let id): "数据库由本程序的更新版本写成（其中有步骤 \(id)），请改用新版本"
        case .changedMigration(let id): "数据库结构的步骤 \(id) 在发布之后被改动"
        case .cannotOpen(let reason): "无法打开数据库：\(reason)"
        default: "数据库出错，详情见前面的英文"
        }
    }
}
