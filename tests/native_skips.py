"""What the native engine does not do like the CPU engine, test by test, and why. Patterns are those of `fnmatch`, over node ids in
which brackets are round.
"""

from fnmatch import fnmatchcase

NO_PASSES = "Apple's framework plans its graphs: there are no passes to leave out, and no plan to print"
READS_ITSELF = "the framework reads a loaded data source once more, after the checks above the engine"
COUNTS_ITSELF = (
    "the framework counts the encodes of a graph from 0: a graph that comes back draws its first masks again"
)
AFTER_EACH_ENCODE = "the framework updates on the CPU when an encode is done, not when the command buffer is"
NEVER_TEMPORARY = "states that the framework gives to data sources are never temporary"

SKIPS: dict[str, str] = {
    "*::test_passes_do_not_change_the_answer(*": NO_PASSES,
    "*::test_names_of_passes": NO_PASSES,
    "*::test_the_images_come_out_as_without*": NO_PASSES,
    "*::test_weights_become_what_they_become_after_the_run(*": NO_PASSES,
    "*::test_the_report_says_how_many(*": NO_PASSES,
    "*::test_data_sources_of_the_callers_are_asked_after_the_run": NO_PASSES,
    "*::test_gradients_share_their_memory": NO_PASSES,
    "*::test_every_implementation_multiplies_the_weights_of_a_normalization(*": NO_PASSES,
    "*::test_the_first_answer_is_that_of_later_runs(*": "which kernel runs is the framework's",
    "*::test_a_file_keeps_what_was_measured": "which kernel runs is the framework's",
    "*::test_what_the_file_says_is_done": "which kernel runs is the framework's",
    "*::test_lines_that_mean_nothing_are_measured_again": "which kernel runs is the framework's",
    "*::test_a_file_that_cannot_be_written": "which kernel runs is the framework's",
    "*::test_what_is_kept_of_weights_has_a_limit(*": "which kernel runs is the framework's",
    "*::test_large_weights(*": "which kernel runs is the framework's",
    "*::test_no_second_form_of_large_weights_is_kept(*": "which kernel runs is the framework's",
    "*::test_images_that_are_computed_again_are_the_same(*": NO_PASSES,
    "*::test_images_are_computed_again_only_where_that_saves_memory(*": NO_PASSES,
    "*::test_verbose_describes_the_graph": NO_PASSES,
    "*::test_one_thread_at_a_time_has_a_team": "the framework's queues run its work",
    "*::test_convolutions_write_into_a_concatenation": NO_PASSES,
    "*::test_images_inside_the_graph_keep_float32_unless_storage_is_emulated": "how images inside are stored is the framework's",
    "*::test_a_data_source_is_loaded_read_and_purged_once": READS_ITSELF,
    "*::test_a_training_graph_reads_a_data_source_once": READS_ITSELF,
    "*::test_data_sources_are_read_in_execution_order": READS_ITSELF,
    "*::test_there_is_no_fall_back_to_the_other_style(*": READS_ITSELF,
    "*::test_words_are_words_whatever_the_data_type(*": READS_ITSELF,
    "*::test_missing_arrays_change_nothing(group)": READS_ITSELF,
    "*::test_every_node_comes_back(MPSCNNDropoutNode*": COUNTS_ITSELF,
    "*::test_training_goes_on_bit_for_bit(*": COUNTS_ITSELF,
    "*::test_training_with_weights_rounded_in_the_kernel(*": COUNTS_ITSELF,
    "*::test_an_encode_before_the_cpu_callbacks_uses_the_old_weights": AFTER_EACH_ENCODE,
    "*::test_a_temporary_state_is_readable_once_in_the_callback": NEVER_TEMPORARY,
    "*::test_a_temporary_state_may_be_the_answer": NEVER_TEMPORARY,
    "*::test_exported_states_are_temporary_on_demand(*": NEVER_TEMPORARY,
    "*::test_a_reload_that_fails_leaves_the_values": "values are in use before purge, which cannot fail in Apple's protocol",
    "*::test_a_cpu_update_that_fails(purge)": "values are in use before purge, which cannot fail in Apple's protocol",
}


def reason_on_native(node_id: str) -> str | None:
    plain = node_id.replace("[", "(").replace("]", ")")  # brackets are sets to fnmatch
    return next((reason for pattern, reason in SKIPS.items() if fnmatchcase(plain, pattern)), None)
