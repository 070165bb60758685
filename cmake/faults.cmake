# SPDX-License-Identifier: MIT
# Programs for fault injection: the objects of the others, with the injector in the place of the empty fault points.
# They are of no use but to tests/faults and tools/chaos, and are not installed.
gestvenv_layer(gestvenv_faults tools/faults EXCEPT "/(injector|actor_injector|file_injector|scenario|[a-z_]+_main)\\.cpp$" LINK ${plain} CAF::core)
set(fault_sources "${PROJECT_SOURCE_DIR}/tools/faults")

gestvenv_program(gestvenv_fault_subject gestvenv-fault-subject tools/faults/subject_main.cpp)
target_sources(gestvenv_fault_subject PRIVATE "${fault_sources}/injector.cpp" "${fault_sources}/actor_injector.cpp"
    "${fault_sources}/file_injector.cpp" "${fault_sources}/fault_plan.cpp" "${fault_sources}/package_source.cpp"
    "${fault_sources}/scenario.cpp" "${fault_sources}/scenario_report.cpp" "${fault_sources}/process_look.cpp"
    "${fault_sources}/launcher_look.cpp")
target_link_libraries(gestvenv_fault_subject PRIVATE gestvenv ${plain} CAF::core)

gestvenv_program(gestvenv_fault_launcher gestvenv-fault-launcher tools/launcher/main.cpp)
target_sources(gestvenv_fault_launcher PRIVATE "${fault_sources}/injector.cpp" "${fault_sources}/fault_plan.cpp")
target_link_libraries(gestvenv_fault_launcher PRIVATE gestvenv_launcher_side ${plain})

gestvenv_program(gestvenv_chaos gestvenv-chaos tools/faults/chaos_main.cpp gestvenv_faults)
if(TARGET gestvenv_chaos)
    target_link_libraries(gestvenv_chaos PRIVATE gestvenv ${plain} CLI11::CLI11)
    add_dependencies(gestvenv_chaos gestvenv_cli gestvenv_launcher gestvenv_fault_subject gestvenv_fault_launcher)
endif()
