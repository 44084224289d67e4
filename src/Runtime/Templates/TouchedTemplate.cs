namespace Optc.Runtime.Templates;

/// <summary>The instances of a template that a block of variables touches.</summary>
/// <param name="Local">The same template with those instances only, its rows and slots in the numbering of the block.</param>
/// <param name="Runs">The instances by their numbers in the model, ascending.</param>
internal sealed record TouchedTemplate(Template Local, InstanceRun[] Runs);
