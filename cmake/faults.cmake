# SPDX-License-Identifier: MIT
# Programs for fault injection: the objects of the others, with the injector in the place of the empty fault points.
# They are of no use but to tests/faults and tools/chaos, and are not installed.
gestvenv_layer(gestvenv_faults_common tools/faults/common LINK ${plain})
gestvenv_layer(gestvenv_faults_injector tools/faults/injector LINK ${plain})
gestvenv_layer(gestvenv_faults_subject tools/faults/subject WITHOUT main.cpp LINK ${plain} CAF::core)
gestvenv_layer(gestvenv_faults_harness tools/faults/harness WITHOUT main.cpp LINK ${plain} CAF::core)

gestvenv_program(gestvenv_fault_subject gestvenv-fault-subject tools/faults/subject/main.cpp gestvenv_faults_subject
    gestvenv_faults_injector gestvenv_faults_common)
target_link_libraries(gestvenv_fault_subject PRIVATE gestvenv ${plain} CAF::core)

# The node and its command line, whole.
gestvenv_program(gestvenv_fault_node gestvenv-fault-node tools/gestvenv/main.cpp gestvenv_command_line gestvenv_net
    gestvenv_tls gestvenv_telemetry gestvenv_faults_subject gestvenv_faults_injector gestvenv_faults_common)
target_link_libraries(gestvenv_fault_node PRIVATE gestvenv ${plain} CAF::core OpenSSL::SSL prometheus-cpp::core
    gestvenv_archive gestvenv_curses gestvenv_editline)

gestvenv_program(gestvenv_fault_launcher gestvenv-fault-launcher tools/launcher/main.cpp gestvenv_faults_injector
    gestvenv_faults_common)
target_link_libraries(gestvenv_fault_launcher PRIVATE gestvenv_launcher_side ${plain})

gestvenv_program(gestvenv_chaos gestvenv-chaos tools/faults/harness/main.cpp gestvenv_faults_harness gestvenv_faults_common)
target_link_libraries(gestvenv_chaos PRIVATE gestvenv ${plain} CLI11::CLI11)
add_dependencies(gestvenv_chaos gestvenv_cli gestvenv_launcher gestvenv_fault_subject gestvenv_fault_node
    gestvenv_fault_launcher)
