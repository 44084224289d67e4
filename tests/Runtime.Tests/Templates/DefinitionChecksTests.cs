using Optc.Runtime.Templates;
using Xunit;

namespace Optc.Runtime.Tests.Templates;

public class DefinitionChecksTests
{
    private static readonly IndexColumn Every = IndexColumn.Affine(0, 1);
    private static readonly IndexColumn One = IndexColumn.Affine(0, 0);

    private static Template Squares(TemplateTarget target, IndexColumn row, IndexColumn slot, int count) =>
        TestTemplates.Create(TestExpression.Square, target, row, [slot], count);

    private static void Refused(string part, TemplateProblemDefinition definition) =>
        Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(() => new TemplateProblem(definition)).Message);

    [Fact]
    public void RefusesIndicesOutsideTheirRange()
    {
        Refused("slot", Models.Define(3, 0, Squares(TemplateTarget.Objective, One, Every, 4)));
        Refused("slot", Models.Define(3, 0, Squares(TemplateTarget.Objective, One, IndexColumn.Affine(1, -1), 3)));
        Refused("slot", Models.Define(3, 0, Squares(TemplateTarget.Objective, One, IndexColumn.From([0, 2, 3]), 3)));
        Refused("row", Models.Define(3, 2, Squares(TemplateTarget.Constraint, Every, Every, 3)));
        Refused("row", Models.Define(3, 2, Squares(TemplateTarget.Objective, Every, Every, 3)));
        Refused("datum", Models.Define(3, 0, TestTemplates.Create(TestExpression.Constant, TemplateTarget.Objective, One, [], 3, [[1, 2]])));
        Refused("Start", Models.Define(3, 0) with { Start = [1] });
        Refused("ascend", Models.Define(3, 0) with { FreePositions = [0, 2, 1], DeclaredValues = new double[3] });
        Refused("DeclaredValues", Models.Define(3, 0) with { FreePositions = [0], VariableLower = [0], VariableUpper = [0], Start = [0] });
    }

    [Fact]
    public void AcceptsAnEmptyModelAndTemplatesWithoutInstances()
    {
        var empty = new TemplateProblem(Models.Define(0, 0));
        Assert.Equal(0, empty.Gradient([], []));
        var idle = new TemplateProblem(Models.Define(2, 1,
            Squares(TemplateTarget.Objective, IndexColumn.Affine(9, 9), IndexColumn.Affine(9, 9), 0),
            Squares(TemplateTarget.Constraint, One, Every, 0)));
        var g = new double[] { 1, 1 };
        Assert.Equal(0, idle.Gradient([1, 2], g));
        Assert.Equal([0.0, 0.0], g);
        Assert.Equal((0, 0), (idle.JacobianPattern.Count, idle.HessianPattern.Count));
    }

    [Fact]
    public void RefusesAScheduleThatReadsTooEarlyOrLeavesOut()
    {
        var chain = Models.Chain(4).Item1;
        Assert.Equal(4, new TemplateProblem(chain).VariableCount);
        Refused("still adds", chain with { Schedule = [new(0, 0, 1), new(1, 1, 2), new(1, 0, 1), new(1, 2, 3)] });
        Refused("still adds", chain with { Schedule = [new(0, 0, 1), new(1, 0, 3)] });
        Refused("leaves out instance 2", chain with { Schedule = [new(0, 0, 1), new(1, 0, 1), new(1, 1, 2)] });
        Refused("twice", chain with { Schedule = [new(0, 0, 1), new(0, 0, 1)] });
        Refused("not a stage", chain with { Schedule = [new(2, 0, 1)] });
        Refused("which has", chain with { Schedule = [new(0, 0, 2)] });
    }

    [Fact]
    public void RefusesAnEliminationThatIsTooLarge()
    {
        var shared = Models.SharedSum(20).Item1;
        Refused("Hessian", shared with { EliminationLimit = 450 });
        Refused("Jacobian", shared with { EliminationLimit = 300 });
        Assert.Throws<EliminationTooLargeException>(() => new TemplateProblem(shared with { EliminationLimit = 0 }));
        Assert.Equal(400, new TemplateProblem(shared with { EliminationLimit = 5000 }).JacobianPattern.Count);
    }
}
