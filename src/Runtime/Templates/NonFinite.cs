namespace Optc.Runtime.Templates;

/// <summary>What was found to be NaN or infinite.</summary>
public enum NonFiniteKind
{
    /// <summary>The value.</summary>
    Value,

    /// <summary>A first derivative.</summary>
    FirstDerivative,

    /// <summary>A second derivative.</summary>
    SecondDerivative,
}

/// <summary>The first place where a model cannot be evaluated.</summary>
/// <param name="Kind">What is not finite there.</param>
/// <param name="Target">Objective, constraint or stage value.</param>
/// <param name="Row">Number of the constraint or stage value; 0 for the objective.</param>
/// <param name="Template">Number of the template in the definition's list; −1 if every instance is finite and only their sum is not.</param>
/// <param name="Instance">Instance of the template; −1 likewise.</param>
public readonly record struct NonFinite(NonFiniteKind Kind, TemplateTarget Target, int Row, int Template, int Instance);
