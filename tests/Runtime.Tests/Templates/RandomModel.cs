using Optc.Runtime.Templates;

namespace Optc.Runtime.Tests.Templates;

/// <summary>A random model: any expressions over any slots, coincident ones included, some variables fixed, some stages.</summary>
public sealed class RandomModel
{
    private readonly Random _random;
    private readonly List<TestExpression> _expressions = [];
    private readonly List<Template> _templates = [];
    private readonly List<StageRun> _schedule = [];
    private readonly int _declared;
    private readonly int[] _stageNumbers;

    public RandomModel(int seed, bool withStages)
    {
        _random = new Random(seed);
        _declared = 3 + _random.Next(8);
        var m = _random.Next(5);
        var stages = withStages ? 1 + _random.Next(6) : 0;
        // Stage values need not be numbered in the order in which they are computed.
        _stageNumbers = [.. Enumerable.Range(0, stages)];
        if (_random.Next(2) == 0)
            _random.Shuffle(_stageNumbers);
        for (var done = 0; done < stages;)
            done += AddStages(done, stages);
        for (var t = 1 + _random.Next(4); t > 0; t--)
            Add(TemplateTarget.Objective, 1, _declared + stages, _random.Next(7));
        for (var t = 1 + _random.Next(4); m > 0 && t > 0; t--)
            Add(TemplateTarget.Constraint, m, _declared + stages, _random.Next(7));

        int[]? free = _random.Next(2) == 0 ? null : [.. Enumerable.Range(0, _declared).Where(_ => _random.Next(4) > 0)];
        var n = free?.Length ?? _declared;
        Definition = new TemplateProblemDefinition
        {
            DeclaredCount = _declared,
            StageCount = stages,
            ConstraintCount = m,
            Templates = _templates,
            Schedule = _schedule,
            FreePositions = free,
            DeclaredValues = free is null ? null : Vector(_declared),
            VariableLower = Vector(n),
            VariableUpper = Vector(n),
            ConstraintLower = Vector(m),
            ConstraintUpper = Vector(m),
            Start = Vector(n),
            ObjectiveOffset = _random.Next(3),
            ObjectiveSign = _random.Next(2) == 0 ? 1 : -1,
        };
    }

    public TemplateProblemDefinition Definition { get; }

    public TestExpression[] Expressions => [.. _expressions];

    /// <summary>Uniform in [−1, 1].</summary>
    public double[] Vector(int length) => [.. Enumerable.Range(0, length).Select(_ => (2 * _random.NextDouble()) - 1)];

    /// <summary>A chain (each stage value reads the one before), or a few sums over anything earlier; returns how many values.</summary>
    private int AddStages(int done, int stages)
    {
        if (_random.Next(3) == 0 && done > 0)
        {
            var length = stages - done;
            var z = _declared + done;
            var t = Append(TestExpression.Product, TemplateTarget.Stage, IndexColumn.Affine(done, 1), [IndexColumn.Affine(z - 1, 1), IndexColumn.Affine(0, 0)], length);
            for (var i = 0; i < length; i++)
                _schedule.Add(new StageRun(t, i, i + 1));
            return length;
        }
        var count = 1 + _random.Next(Math.Min(2, stages - done));
        for (var k = 1 + _random.Next(2); k > 0; k--)
        {
            var instances = _random.Next(5);
            var expression = Pick();
            var rows = Column(instances, done, done + count);
            var t = Append(expression, TemplateTarget.Stage, rows, Slots(expression, instances, _declared + done), instances);
            var split = _random.Next(instances + 1);
            _schedule.Add(new StageRun(t, split, instances));
            _schedule.Add(new StageRun(t, 0, split));
        }
        return count;
    }

    private void Add(TemplateTarget target, int rows, int points, int instances)
    {
        var expression = Pick();
        Append(expression, target, Column(instances, 0, rows), Slots(expression, instances, points), instances);
    }

    private int Append(TestExpression expression, TemplateTarget target, IndexColumn row, IndexColumn[] slots, int count)
    {
        var data = Enumerable.Range(0, expression.DataCount).Select(_ => Vector(_random.Next(2) == 0 ? 1 : Math.Max(2, count))).ToArray();
        if (target == TemplateTarget.Stage)
            row = Renumber(row, count, 0);
        _expressions.Add(expression);
        _templates.Add(TestTemplates.Create(expression, target, row, [.. slots.Select(s => Renumber(s, count, _declared))], count, data));
        return _templates.Count - 1;
    }

    private IndexColumn Renumber(IndexColumn column, int count, int firstStage) =>
        IndexColumn.From([.. Enumerable.Range(0, count).Select(i => column[i] < firstStage ? column[i] : firstStage + _stageNumbers[column[i] - firstStage])]);

    private TestExpression Pick() => TestExpression.Everywhere[_random.Next(TestExpression.Everywhere.Length)];

    private IndexColumn[] Slots(TestExpression expression, int count, int points) =>
        [.. Enumerable.Range(0, expression.Arity).Select(_ => Column(count, _random.Next(3) == 0 ? Math.Max(0, points - 3) : 0, points))];

    private IndexColumn Column(int count, int low, int high) => _random.Next(3) switch
    {
        0 when high - low >= count => IndexColumn.Affine(low, 1),
        1 => IndexColumn.Affine(low + _random.Next(high - low), 0),
        _ => IndexColumn.From([.. Enumerable.Range(0, count).Select(_ => low + _random.Next(high - low))]),
    };
}
