namespace Optc.Runtime.Templates;

/// <summary>What a step of a <see cref="ScalarProgram"/> does.</summary>
internal enum ScalarOp
{
    Slot,
    Direction,
    Datum,
    ObjectiveWeight,
    ConstraintWeight,
    StageWeight,
    Store,
    StoreOther,
    Operator,
    SineCosine,
    Call1,
    Call2,
}

/// <summary>
/// One step: reads from a place A or registers A, B and C, writes to the register Target. Operator: the one of that name; Datum: number B of data A; Store: register B to
/// cell A; SineCosine: cosine to register B; calls: function C.
/// </summary>
internal struct ScalarStep
{
    public ScalarOp Op;
    public KernelOp Operator;
    public int Target;
    public int A;
    public int B;
    public int C;

    // Registers of values are written ~r until the constants are counted.
    public readonly ScalarStep Shifted(int constants)
    {
        int Register(int r) => r < 0 ? constants + ~r : r;
        return this with { Target = Register(Target), A = Register(A), B = Register(B), C = Register(C) };
    }
}
