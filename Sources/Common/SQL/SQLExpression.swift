/// An expression of a SELECT list, a WHERE clause or an assignment.
///
/// Its height is bounded by ``SQLLimits/maxOperators`` and ``SQLLimits/maxNesting``, so it may be walked recursively.
public indirect enum SQLExpression: Hashable, Sendable {
    case literal(SQLValue)
    /// `@name`; the name in lower case.
    case userVariable(String)
    /// `@name := value`.
    case assignment(String, SQLExpression)
    /// `@@name`, `@@global.name`; the name in lower case.
    case systemVariable(SQLVariableScope?, String)
    /// A name that is nothing else: a column, with its qualifiers; in `SET` also a bare value such as `ON`.
    case column([String])
    /// The name in lower case.
    case call(String, [SQLExpression])
    case unary(SQLUnaryOperator, SQLExpression)
    case binary(SQLBinaryOperator, SQLExpression, SQLExpression)
    case isNull(SQLExpression)
    case isIn(SQLExpression, [SQLExpression])
    case isBetween(SQLExpression, SQLExpression, SQLExpression)
    case isLike(SQLExpression, pattern: SQLExpression, escape: Character?)
    /// `*` or `t.*`.
    case allColumns
    /// Valid in MySQL and not evaluated here; says what it is.
    case unsupported(String)
}

public enum SQLVariableScope: Hashable, Sendable { case global, session, persist, persistOnly }

public enum SQLUnaryOperator: Hashable, Sendable { case not, minus, plus }

public enum SQLBinaryOperator: Hashable, Sendable {
    case or, xor, and
    case equal, nullSafeEqual, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case add, subtract, multiply, divide, integerDivide, modulo
}
