using Optc.Runtime.Templates;

namespace Optc.Runtime.Tests.Templates;

/// <summary>Small models with a known shape, for tests of one behaviour each.</summary>
internal static class Models
{
    /// <summary>Free variables, no bounds, equations with right-hand side 0, everything from 0.1, 0.2, ….</summary>
    public static TemplateProblemDefinition Define(int variables, int constraints, params Template[] templates) => new()
    {
        DeclaredCount = variables,
        ConstraintCount = constraints,
        Templates = templates,
        VariableLower = Filled(variables, double.NegativeInfinity),
        VariableUpper = Filled(variables, double.PositiveInfinity),
        ConstraintLower = new double[constraints],
        ConstraintUpper = new double[constraints],
        Start = [.. Enumerable.Range(1, variables).Select(k => 0.1 * k)],
    };

    public static double[] Filled(int length, double value)
    {
        var values = new double[length];
        Array.Fill(values, value);
        return values;
    }

    /// <summary>s = Σ xᵢ² used n times: minimise s² + Σ linear, cᵢ = xᵢ·s. <paramref name="onStage"/> is told of the stage's kernels.</summary>
    public static (TemplateProblemDefinition, TestExpression[]) SharedSum(int n, Action<string>? onStage = null)
    {
        var (every, sum, one) = (IndexColumn.Affine(0, 1), IndexColumn.Affine(n, 0), IndexColumn.Affine(0, 0));
        TestExpression[] expressions = [TestExpression.Square, TestExpression.Square, TestExpression.Product, TestExpression.Linear];
        var definition = Define(n, n,
            TestTemplates.Create(expressions[0], TemplateTarget.Stage, one, [every], n, onRun: onStage),
            TestTemplates.Create(expressions[1], TemplateTarget.Objective, one, [sum], 1),
            TestTemplates.Create(expressions[2], TemplateTarget.Constraint, every, [every, sum], n),
            TestTemplates.Create(expressions[3], TemplateTarget.Objective, one, [every, every, one], n));
        return (definition with { StageCount = 1, Schedule = [new StageRun(0, 0, n)] }, expressions);
    }

    /// <summary>z₀ = x₀², z_k = z_{k−1}·x_k; minimise z_last·x₀, c = sin(z_k + …)… over every link.</summary>
    public static (TemplateProblemDefinition, TestExpression[]) Chain(int n)
    {
        var (every, one) = (IndexColumn.Affine(0, 1), IndexColumn.Affine(0, 0));
        TestExpression[] expressions = [TestExpression.Square, TestExpression.Product, TestExpression.Product, TestExpression.Sine];
        var definition = Define(n, n,
            TestTemplates.Create(expressions[0], TemplateTarget.Stage, one, [one], 1),
            TestTemplates.Create(expressions[1], TemplateTarget.Stage, IndexColumn.Affine(1, 1), [IndexColumn.Affine(n, 1), IndexColumn.Affine(1, 1)], n - 1),
            TestTemplates.Create(expressions[2], TemplateTarget.Objective, one, [IndexColumn.Affine((2 * n) - 1, 0), one], 1),
            TestTemplates.Create(expressions[3], TemplateTarget.Constraint, every, [IndexColumn.Affine(n, 1), every, IndexColumn.Affine((2 * n) - 1, -1)], n, [[0.5], [0.25]]));
        StageRun[] schedule = [new(0, 0, 1), .. Enumerable.Range(0, n - 1).Select(k => new StageRun(1, k, k + 1))];
        return (definition with { StageCount = n, Schedule = schedule }, expressions);
    }
}
