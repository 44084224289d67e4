using System.Linq.Expressions;
using Optc.Runtime.Native;

namespace Optc.Runtime.Templates;

/// <summary>Machine code of a <see cref="ScalarProgram"/>: the same operations with registers of the processor, in chunks of whole instances.</summary>
internal static class ScalarCode
{
    // The just-in-time compiler tracks some thousand values of a method (docs/compile-cost.md).
    private const int LongestChunk = 300;
    private static readonly Expression Zero = Expression.Constant(0.0), One = Expression.Constant(1.0);

    /// <summary>Code of some steps. Addresses of doubles: the point, the direction, the weights of the rows of each target, the cells.</summary>
    public delegate void Chunk(long point, long direction, long objective, long constraints, long stages, long cells, long other);

    /// <summary>Where chunks end, given where instances do.</summary>
    public static int[] ChunkEnds(IReadOnlyList<int> instanceEnds)
    {
        var ends = new List<int>();
        for (int start = 0, k = 0; k < instanceEnds.Count; k++)
        {
            if (k + 1 < instanceEnds.Count && instanceEnds[k + 1] - start <= LongestChunk)
                continue;
            start = instanceEnds[k];
            ends.Add(start);
        }
        return [.. ends];
    }

    /// <param name="steps">Whole instances.</param>
    /// <param name="constants">The values of the first registers.</param>
    /// <param name="data">Addresses of data.</param>
    /// <param name="functions">What steps call.</param>
    public static Chunk Compile(ReadOnlySpan<ScalarStep> steps, double[] constants, long[] data, KernelFunction[] functions)
    {
        var registers = new Dictionary<int, ParameterExpression>();
        ParameterExpression point = Address("point"), direction = Address("direction"), objective = Address("objective"),
            constraints = Address("constraints"), stages = Address("stages"), cells = Address("cells"), other = Address("other");
        var body = new List<Expression>();
        foreach (var step in steps)
        {
            body.Add(step.Op switch
            {
                ScalarOp.Store => Add(cells, step.A, Value(step.B)),
                ScalarOp.StoreOther => Add(other, step.A, Value(step.B)),
                ScalarOp.SineCosine => SineCosine(step),
                _ => Assign(step.Target, Operation(step)),
            });
        }
        return Expression.Lambda<Chunk>(Expression.Block(registers.Values, body), point, direction, objective, constraints, stages, cells, other).Compile();

        Expression Operation(ScalarStep step) => step.Op switch
        {
            ScalarOp.Slot => Read(point, step.A),
            ScalarOp.Direction => Read(direction, step.A),
            ScalarOp.Datum => Read(Expression.Constant(data[step.A]), step.B),
            ScalarOp.ObjectiveWeight => Read(objective, step.A),
            ScalarOp.ConstraintWeight => Read(constraints, step.A),
            ScalarOp.StageWeight => Read(stages, step.A),
            ScalarOp.Operator => Arithmetic(step),
            ScalarOp.Call1 => Expression.Call(functions[step.C].Scalar, Value(step.A)),
            ScalarOp.Call2 => Expression.Call(functions[step.C].Scalar, Value(step.A), Value(step.B)),
            _ => throw new InvalidOperationException($"{step.Op} has no value"),
        };

        Expression Arithmetic(ScalarStep step) => step.Operator switch
        {
            KernelOp.Add => Expression.Add(Value(step.A), Value(step.B)),
            KernelOp.Subtract => Expression.Subtract(Value(step.A), Value(step.B)),
            KernelOp.Multiply => Expression.Multiply(Value(step.A), Value(step.B)),
            KernelOp.Divide => Expression.Divide(Value(step.A), Value(step.B)),
            KernelOp.Negate => Expression.Negate(Value(step.A)),
            KernelOp.MultiplyAdd => Fused(Value(step.A), Value(step.B), Value(step.C)),
            KernelOp.MultiplySubtract => Fused(Value(step.A), Value(step.B), Expression.Negate(Value(step.C))),
            KernelOp.NegateMultiplyAdd => Fused(Expression.Negate(Value(step.A)), Value(step.B), Value(step.C)),
            KernelOp.SquareRoot => Math(nameof(System.Math.Sqrt), Value(step.A)),
            KernelOp.Absolute => Math(nameof(System.Math.Abs), Value(step.A)),
            KernelOp.Minimum => Math(nameof(System.Math.Min), Value(step.A), Value(step.B)),
            KernelOp.Maximum => Math(nameof(System.Math.Max), Value(step.A), Value(step.B)),
            KernelOp.IsLess => Expression.Condition(Expression.LessThan(Value(step.A), Value(step.B)), One, Zero),
            KernelOp.IsLessOrEqual => Expression.Condition(Expression.LessThanOrEqual(Value(step.A), Value(step.B)), One, Zero),
            KernelOp.IsEqual => Expression.Condition(Expression.Equal(Value(step.A), Value(step.B)), One, Zero),
            KernelOp.Select => Expression.Condition(Expression.NotEqual(Value(step.A), Zero), Value(step.B), Value(step.C)),
            _ => throw new InvalidOperationException($"{step.Operator} has no value"),
        };

        // Any of the three registers may be the same.
        Expression SineCosine(ScalarStep step)
        {
            var angle = Expression.Variable(typeof(double), "angle");
            return Expression.Block(
                [angle],
                Expression.Assign(angle, Value(step.A)),
                Assign(step.Target, Call(nameof(VectorMathScalar.Sin), angle)),
                Assign(step.B, Call(nameof(VectorMathScalar.Cos), angle)));
        }

        Expression Value(int r) => r < constants.Length ? Expression.Constant(constants[r]) : Register(r);

        Expression Assign(int r, Expression value) => Expression.Assign(Register(r), value);

        ParameterExpression Register(int r)
        {
            if (!registers.TryGetValue(r, out var register))
                registers[r] = register = Expression.Variable(typeof(double), $"r{r}");
            return register;
        }
    }

    private static ParameterExpression Address(string name) => Expression.Parameter(typeof(long), name);

    private static Expression Read(Expression address, int index) =>
        Expression.Call(typeof(MemoryAccess), nameof(MemoryAccess.Double), null, address, Expression.Constant((long)index));

    private static Expression Add(Expression address, int index, Expression value) =>
        Expression.Call(typeof(MemoryAccess), nameof(MemoryAccess.AddTo), null, address, Expression.Constant((long)index), value);

    private static Expression Fused(Expression a, Expression b, Expression c) => Math(nameof(System.Math.FusedMultiplyAdd), a, b, c);

    private static Expression Math(string name, params Expression[] arguments) => Expression.Call(typeof(Math), name, null, arguments);

    private static Expression Call(string name, Expression argument) => Expression.Call(typeof(VectorMathScalar), name, null, argument);
}
