using Optc.Runtime.Problems;
using Optc.Runtime.Templates;
using Optc.Runtime.Tests.Templates;

namespace Optc.Runtime.Tests.Solvers.BlockCoordinate;

/// <summary>Compiled objectives without constraints.</summary>
internal static class CompiledModels
{
    /// <summary>Σ sin(x_k + ½x_{k+1}) + x_{k+2}³ − ¼x_k over 12 variables, every fifth fixed; with stages also Σ r², r the sums of the squares of three.</summary>
    public static TemplateProblem Smooth(bool stages)
    {
        const int n = 12;
        var (every, one) = (IndexColumn.Affine(0, 1), IndexColumn.Affine(0, 0));
        var chain = TestTemplates.Create(TestExpression.Sine, TemplateTarget.Objective, one, [every, IndexColumn.Affine(1, 1), IndexColumn.Affine(2, 1)], n - 2, [[0.5], [0.25]]);
        TemplateProblemDefinition definition;
        if (stages)
        {
            var sums = IndexColumn.From([.. Enumerable.Range(0, n).Select(i => i / 3)]);
            definition = Templates.Models.Define(n, 0, chain,
                TestTemplates.Create(TestExpression.Square, TemplateTarget.Stage, sums, [every], n),
                TestTemplates.Create(TestExpression.Square, TemplateTarget.Objective, one, [IndexColumn.Affine(n, 1)], n / 3)) with
            { StageCount = n / 3, Schedule = [new StageRun(1, 0, n)] };
        }
        else
        {
            definition = Templates.Models.Define(n, 0, chain);
        }
        int[] free = [.. Enumerable.Range(0, n).Where(k => k % 5 != 4)];
        return new TemplateProblem(definition with
        {
            FreePositions = free,
            DeclaredValues = Templates.Models.Filled(n, 0.7),
            VariableLower = Templates.Models.Filled(free.Length, -5),
            VariableUpper = Templates.Models.Filled(free.Length, 5),
            Start = Templates.Models.Filled(free.Length, 0.5),
            ObjectiveSign = -1,
            ObjectiveOffset = 2,
        });
    }

    /// <summary>Σ 0.5 x_k x_{k+1} + x_{k+1}² + 3 over 12 variables, every fifth fixed at 0.7.</summary>
    public static TemplateProblem Quadratic()
    {
        const int n = 12;
        int[] free = [.. Enumerable.Range(0, n).Where(k => k % 5 != 4)];
        return new TemplateProblem(Templates.Models.Define(n, 0, TestTemplates.Create(TestExpression.Quadratic, TemplateTarget.Objective, IndexColumn.Affine(0, 0), [IndexColumn.Affine(0, 1), IndexColumn.Affine(1, 1)], n - 1, [[0.5]])) with
        {
            FreePositions = free,
            DeclaredValues = Templates.Models.Filled(n, 0.7),
            VariableLower = Templates.Models.Filled(free.Length, -5),
            VariableUpper = Templates.Models.Filled(free.Length, 5),
            Start = Templates.Models.Filled(free.Length, 0.5),
            ObjectiveOffset = 3,
            Structure = new ProblemStructure { Class = ProblemClass.Quadratic },
        });
    }
}
